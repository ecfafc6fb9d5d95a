with kept as (

    select
        extract(year from date_occurred) as year,
        count(*) as crimes
    from {{ ref('int_crimes') }}
    group by year

)

select
    cast(published.year as integer) as year,
    cast(coalesce(kept.crimes, 0) as bigint) as crimes_kept,
    cast(published.crimes as bigint) as crimes_published,
    round(coalesce(kept.crimes, 0) / published.crimes, 4) as ratio,
    published.basis
from {{ ref('crimes_by_year') }} as published
left join kept on published.year = kept.year
order by published.year
