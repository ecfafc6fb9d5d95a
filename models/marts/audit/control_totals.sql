-- what was published of the old system, so what NIBRS has as well counts here
with legacy as (

    select date_occurred from {{ ref('int_crimes') }}
    where record_system = 'legacy'

    union all

    select date_occurred from {{ ref('int_crimes_in_both_systems') }}

),

kept as (

    select
        extract(year from date_occurred) as year,
        count(*) as crimes
    from legacy
    group by year

)

select
    cast(published.year as integer) as year,
    cast(coalesce(kept.crimes, 0) as bigint) as crimes_kept,
    cast(published.crimes as bigint) as crimes_published,
    {{ rounded('coalesce(kept.crimes, 0) / published.crimes', 4) }} as ratio,
    published.basis
from {{ ref('crimes_by_year') }} as published
left join kept on published.year = kept.year
order by published.year
