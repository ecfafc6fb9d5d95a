-- incidents that the monthly facts show: every other characteristic waits in `int_closed_counts`
with yearly as (

    select
        source,
        area_id,
        small_area,
        extract(year from month) as year,
        category,
        cast(sum(incidents) as bigint) as n
    from {{ ref('int_monthly_counts') }}
    where incidents > 0
    group by source, area_id, small_area, year, category

)

select
    source,
    area_id,
    small_area,
    year,
    'incidents' as characteristic,
    'all' as category,
    cast(sum(n) as bigint) as n
from yearly
group by source, area_id, small_area, year

union all

select
    source,
    area_id,
    small_area,
    year,
    case source when 'crimes' then 'crime_group' else 'charge_group' end as characteristic,
    category,
    n
from yearly
