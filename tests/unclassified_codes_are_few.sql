-- Fails with each unknown code of a source in which such codes are over max_unclassified_share of the rows.
{{ config(store_failures=true) }}

with codes as (

    select
        -- by system, so that a new code of the smaller one cannot hide behind the larger
        'crimes, ' || record_system as source_name,
        crime_code as code,
        crime_group = 'unclassified' as is_unclassified
    from {{ ref('int_crimes') }}

    union all

    -- the city's own files leave the charge group out in one row of fifteen: that is no unknown code
    select
        'arrests' as source_name,
        cast(charge_group_code as varchar) as code,
        charge_group = 'unclassified' as is_unclassified
    from {{ ref('int_arrests') }}
    where nullif(charge_group_code, 0) is not null

),

counted as (

    select
        source_name,
        code,
        count(*) filter (where is_unclassified) as rows_unclassified,
        sum(count(*) filter (where is_unclassified)) over (partition by source_name)
        / sum(count(*)) over (partition by source_name) as share_of_source
    from codes
    group by source_name, code

)

select *
from counted
where rows_unclassified > 0 and share_of_source > {{ var('max_unclassified_share') }}
order by rows_unclassified desc
