with codes as (

    select
        'crimes' as source_name,
        crime_code as code,
        count(*) filter (where crime_group = 'unclassified') as rows,
        sum(count(*)) over () as rows_kept
    from {{ ref('int_crimes') }}
    where record_system = 'legacy'
    group by crime_code

    union all

    select
        'nibrs_offenses' as source_name,
        nibrs_code as code,
        count(*) filter (where crime_group = 'unclassified') as rows,
        sum(count(*)) over () as rows_kept
    from {{ ref('int_nibrs_offenses') }}
    group by nibrs_code

    union all

    select
        'arrests' as source_name,
        cast(charge_group_code as string) as code,
        count(*) filter (where charge_group = 'unclassified') as rows,
        sum(count(*)) over () as rows_kept
    from {{ ref('int_arrests') }}
    group by charge_group_code

)

select
    source_name,
    code,
    rows,
    {{ rounded('rows / rows_kept', 6) }} as share
from codes
where rows > 0
order by source_name, code
