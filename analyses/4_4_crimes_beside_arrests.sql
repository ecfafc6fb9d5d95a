-- Results: where do recorded crimes and arrests differ? Arrests per 100 crimes in each area, over
-- the months that both sources cover, beside the city's. An arrest need not belong to a crime of the
-- same place or month, and many have no victim who reports: this measures enforcement. One row per
-- area.
with crimes as (

    select * from {{ ref('fct_crimes_monthly') }}

),

arrests as (

    select * from {{ ref('fct_arrests_monthly') }}

),

areas as (

    select * from {{ ref('dim_places') }}
    where scope = 'area'

),

crime_span as (

    select
        min(month) as first_month,
        max(month) as last_month
    from crimes

),

arrest_span as (

    select
        min(month) as first_month,
        max(month) as last_month
    from arrests

),

span as (

    select
        greatest(crime_span.first_month, arrest_span.first_month) as first_month,
        least(crime_span.last_month, arrest_span.last_month) as last_month
    from crime_span
    cross join arrest_span

),

area_crimes as (

    select
        crimes.area_id,
        sum(crimes.crimes) as crimes
    from crimes
    inner join span on crimes.month between span.first_month and span.last_month
    group by crimes.area_id

),

area_arrests as (

    select
        arrests.area_id,
        sum(arrests.arrests) as arrests
    from arrests
    inner join span on arrests.month between span.first_month and span.last_month
    group by arrests.area_id

),

final as (

    select
        areas.place_name,
        span.first_month,
        span.last_month,
        area_crimes.crimes,
        area_arrests.arrests,
        round(100 * area_arrests.arrests / area_crimes.crimes, 1) as arrests_per_100_crimes,
        round(100 * sum(area_arrests.arrests) over () / sum(area_crimes.crimes) over (), 1)
            as arrests_per_100_crimes_city,
        rank() over (order by area_crimes.crimes desc nulls last) as rank_by_crimes,
        rank() over (order by area_arrests.arrests desc nulls last) as rank_by_arrests
    from areas
    cross join span
    left join area_crimes on areas.area_id = area_crimes.area_id
    left join area_arrests on areas.area_id = area_arrests.area_id

)

select * from final
order by arrests_per_100_crimes desc nulls last, place_name asc
