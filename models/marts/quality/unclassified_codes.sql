with codes as (

    select
        'crimes' as source_name,
        crime_code as code,
        count(*) filter (where crime_group = 'unclassified') as rows,
        sum(count(*)) over () as rows_kept
    from {{ ref('int_crimes') }}
    group by crime_code

    union all

    select
        'arrests' as source_name,
        charge_group_code as code,
        count(*) filter (where charge_group = 'unclassified') as rows,
        sum(count(*)) over () as rows_kept
    from {{ ref('int_arrests') }}
    group by charge_group_code

)

select
    source_name,
    code,
    rows,
    round(rows / rows_kept, 6) as share
from codes
where rows > 0
order by source_name, code
