{%- set is_row = "coalesce(reject_reason, '') != '" ~ blank_row() ~ "'" -%}

with files as (

    select * from {{ ref('data_files') }}

),

rows_read as (

    select
        file_name,
        count(*) filter (where {{ is_row }}) as n,
        count(*) filter (where not {{ is_row }}) as n_blank
    from {{ ref('stg_crimes') }}
    group by file_name

    union all

    select
        file_name,
        count(*) filter (where {{ is_row }}) as n,
        count(*) filter (where not {{ is_row }}) as n_blank
    from {{ ref('stg_arrests') }}
    group by file_name

    union all

    select
        file_name,
        count(*) filter (where {{ is_row }}) as n,
        count(*) filter (where not {{ is_row }}) as n_blank
    from {{ ref('stg_nibrs_offenses') }}
    group by file_name

),

rows_kept as (

    select
        file_name,
        count(*) as n
    from {{ ref('int_crimes') }}
    where record_system = 'legacy'
    group by file_name

    union all

    select
        file_name,
        count(*) as n
    from {{ ref('int_arrests') }}
    group by file_name

    union all

    -- every offence counts, not only the one that tells the case
    select
        file_name,
        count(*) as n
    from {{ ref('int_nibrs_offenses') }}
    group by file_name

),

copies as (

    select file_name from {{ ref('int_crime_copies') }}
    where copy_rank > 1

    union all

    select file_name from {{ ref('int_crimes_in_both_systems') }}

    union all

    select file_name from {{ ref('int_arrest_copies') }}
    where copy_rank > 1

    union all

    select file_name from {{ ref('int_nibrs_copies') }}
    where copy_rank > 1

),

rows_duplicate as (

    select
        file_name,
        count(*) as n
    from copies
    group by file_name

),

rows_rejected as (

    select
        file_name,
        sum(rows) as n
    from {{ ref('reject_reasons') }}
    group by file_name

)

select
    files.source_name,
    files.file_name,
    files.layout,
    cast(coalesce(rows_read.n, 0) as bigint) as rows_read,
    cast(coalesce(rows_kept.n, 0) as bigint) as rows_kept,
    cast(coalesce(rows_duplicate.n, 0) as bigint) as rows_duplicate,
    cast(coalesce(rows_rejected.n, 0) as bigint) as rows_rejected,
    cast(coalesce(rows_read.n_blank, 0) as bigint) as rows_blank,
    files.columns_absent
from files
left join rows_read on files.file_name = rows_read.file_name
left join rows_kept on files.file_name = rows_kept.file_name
left join rows_duplicate on files.file_name = rows_duplicate.file_name
left join rows_rejected on files.file_name = rows_rejected.file_name
order by files.source_name, files.file_name
