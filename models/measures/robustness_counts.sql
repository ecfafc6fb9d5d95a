-- the crimes that each cleaning choice would leave, for the periods of headline runs
with headlines as (

    select distinct
        scope,
        period_id
    from {{ ref('planned_runs') }}
    where is_headline

),

crimes as (

    select * from {{ ref('int_spot_counts') }}
    where source = 'crimes'

),

-- the place of crimes in the scopes of headline runs
placed as (

    {% for scope, place in {'area': 'area_id', 'district': 'small_area'}.items() %}
        select
            crimes.*,
            '{{ scope }}' as scope,
            cast({{ place }} as varchar) as place_id
        from crimes

        union all
    {% endfor %}

    select * exclude (found)
    from (
        {{ placed_in_layers('crimes') }}
    )

),

counted as (

    select
        scope,
        place_id,
        extract(year from month) as year,
        sum(n) as n_all,
        sum(n_default) as n_default,
        sum(n_on_map) as n_on_map,
        sum(n_part_1) as n_part_1,
        sum(n_assaults) as n_assaults
    from placed
    where scope in (select headlines.scope from headlines)
    group by scope, place_id, year

),

by_choice as (

    select
        counted.scope,
        counted.place_id,
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

)

select
    by_choice.scope,
    by_choice.place_id,
    by_choice.cleaning,
    periods.period_id,
    cast(round(sum(by_choice.n)) as bigint) as volume,
    places.area_km2
from by_choice
inner join headlines on by_choice.scope = headlines.scope
inner join {{ ref('int_periods') }} as periods
    on
        headlines.period_id = periods.period_id
        and by_choice.year between extract(year from periods.start_date)
        and extract(year from periods.end_date)
inner join {{ ref('int_places') }} as places
    on
        by_choice.scope = places.scope
        and by_choice.place_id = places.place_id
        and places.is_on_boundary_layer
group by
    by_choice.scope,
    by_choice.place_id,
    by_choice.cleaning,
    periods.period_id,
    places.area_km2
order by by_choice.scope, by_choice.cleaning, periods.period_id, by_choice.place_id
