{%- set weights = {
    'all': '1',
    'without default times and dates': 'case when is_default then 0 else 1 end',
    'without off-map districts': 'case when is_on_boundary_layer then 1 else 0 end',
    'Part I only': 'case when part = 1 then 1 else 0 end',
    'Part I, assaults downgraded': 'case when part = 1 then 1 - downgraded else 0 end',
} -%}
-- the crimes that each cleaning choice would leave, for the periods of headline runs
with headlines as (

    select distinct
        scope,
        period_id
    from {{ ref('clustering_plan') }}
    where is_headline

),

crimes as (

    select
        area_id,
        reporting_district,
        extract(year from date_occurred) as year,
        part,
        is_default_time or is_default_date as is_default,
        is_on_boundary_layer,
        case
            when crime_group = 'aggravated_assault' then {{ var('downgraded_assault_share') }} else 0
        end as downgraded,
        count(*) as n
    from {{ ref('int_crimes') }}
    group by all

),

weighted as (
    {% for choice, weight in weights.items() %}

        select
            '{{ choice }}' as cleaning,
            area_id,
            reporting_district,
            year,
            n * {{ weight }} as n
        from crimes
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

by_place as (

    select
        'area' as scope,
        cast(area_id as varchar) as place_id,
        cleaning,
        year,
        n
    from weighted

    union all

    select
        'district' as scope,
        cast(reporting_district as varchar) as place_id,
        cleaning,
        year,
        n
    from weighted

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
