-- the crimes that each cleaning choice would leave, for the periods of headline runs
with headlines as (

    select distinct
        scope,
        period_id
    from {{ ref('planned_runs') }}
    where is_headline

),

counted as (

    select * from {{ ref('int_cleaning_counts') }}

),

by_choice as (

    select
        counted.area_id,
        counted.reporting_district,
        counted.year,
        choices.cleaning,
        choices.n
    from counted
    cross join lateral (
        values
        ('all', counted.n_all),
        ('without default times and dates', counted.n_all - counted.n_default),
        ('without off-map districts', counted.n_on_map),
        ('Part I only', counted.n_part_1),
        (
            'Part I, assaults downgraded',
            counted.n_part_1 - counted.n_assaults * {{ var('downgraded_assault_share') }}
        )
    ) as choices (cleaning, n)

),

by_place as (

    select
        'area' as scope,
        cast(area_id as varchar) as place_id,
        cleaning,
        year,
        n
    from by_choice

    union all

    select
        'district' as scope,
        cast(reporting_district as varchar) as place_id,
        cleaning,
        year,
        n
    from by_choice

)

select
    by_place.scope,
    by_place.place_id,
    by_place.cleaning,
    periods.period_id,
    cast(round(sum(by_place.n)) as bigint) as volume,
    places.area_km2
from by_place
inner join headlines on by_place.scope = headlines.scope
inner join {{ ref('int_periods') }} as periods
    on
        headlines.period_id = periods.period_id
        and by_place.year between extract(year from periods.start_date)
        and extract(year from periods.end_date)
inner join {{ ref('int_places') }} as places
    on
        by_place.scope = places.scope
        and by_place.place_id = places.place_id
        and places.is_on_boundary_layer
group by
    by_place.scope,
    by_place.place_id,
    by_place.cleaning,
    periods.period_id,
    places.area_km2
order by by_place.scope, by_place.cleaning, periods.period_id, by_place.place_id
