with incident_counts as (

    select * from {{ ref('int_incident_counts') }}

),

periods as (

    select
        period_id,
        extract(year from start_date) as first_year,
        coalesce(extract(year from end_date), 9999) as last_year
    from {{ ref('periods') }}

),

by_place as (

    {% for scope, place in {'area': 'area_id', 'district': 'small_area'}.items() %}
        select
            '{{ scope }}' as scope,
            cast({{ place }} as varchar) as place_id,
            source,
            year,
            characteristic,
            category,
            sum(n) as n
        from incident_counts
        group by {{ place }}, source, year, characteristic, category

        union all
    {% endfor %}

    {% for characteristic, category in {
        "'incidents'": "'all'",
        "case source when 'crimes' then 'crime_group' else 'charge_group' end": 'category',
    }.items() %}
        select
            scope,
            place_id,
            source,
            extract(year from month) as year,
            {{ characteristic }} as characteristic,
            {{ category }} as category,
            sum(incidents) as n
        from {{ ref('int_layer_counts') }}
        where incidents > 0
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        by_place.scope,
        by_place.place_id,
        periods.period_id,
        by_place.source,
        by_place.characteristic,
        by_place.category,
        cast(sum(by_place.n) as bigint) as n
    from by_place
    inner join periods on by_place.year between periods.first_year and periods.last_year
    group by
        by_place.scope,
        by_place.place_id,
        periods.period_id,
        by_place.source,
        by_place.characteristic,
        by_place.category

)

select * from final
