-- in words, the years that findings sum for a period: '2010–2018, 2020' without a year that has no data
with years as (

    select
        period_id,
        'crimes' as sources,
        year
    from {{ ref('period_years') }}

    union all

    select
        period_id,
        'crimes and arrests' as sources,
        year
    from {{ ref('period_years') }}
    where has_arrests

),

numbered as (

    select
        *,
        -- the same for years without a gap
        year - row_number() over (partition by period_id, sources order by year) as stretch
    from years

),

stretches as (

    select
        period_id,
        sources,
        min(year) as first_year,
        max(year) as last_year
    from numbered
    group by period_id, sources, stretch

)

select
    period_id,
    sources,
    string_agg(
        case when first_year = last_year then '' else first_year || '–' end || last_year,
        ', ' order by first_year
    ) as years
from stretches
group by period_id, sources
order by period_id, sources
