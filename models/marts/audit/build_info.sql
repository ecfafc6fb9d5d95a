with files as (

    select * from {{ ref('data_files') }}

),

newest as (

    select max(end_date) as newest_crime
    from {{ ref('dim_periods') }}
    where period_id = 'all'

),

whole as (

    select
        max(whole_through) filter (where source = 'crimes') as crimes_whole_through,
        max(whole_through) filter (where source = 'arrests') as arrests_whole_through
    from {{ ref('int_whole_days') }}
    where category = 'all' and is_current

)

select
    case
        when bool_and(files.is_synthetic) then 'synthetic demo'
        when bool_or(files.is_synthetic) then 'synthetic demo mixed with real'
        else 'real'
    end as dataset_kind,
    count(*) as files,
    cast(sum(files.bytes) as bigint) as bytes,
    string_agg(files.file_name || ' sha256:' || files.sha256, e'\n' order by files.file_name) as file_hashes,
    '{{ dbt_version }}' as dbt_version,
    version() as duckdb_version,
    max(files.fetched_at) as fetched_at,
    max(newest.newest_crime) as newest_crime,
    max(whole.crimes_whole_through) as crimes_whole_through,
    max(whole.arrests_whole_through) as arrests_whole_through,
    {{ var('rounding_base') }} as rounding_base,
    {{ city_date('nibrs_break') }} as nibrs_break,
    '{{ quoted(city("attribution") or '') }}' as attribution,
    '{{ quoted(city("name") or '') }}' as city,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at
from files
cross join newest
cross join whole
