-- what noise is measured from: the months of each place on the boundary layer, in all and by group
with places as (

    select
        scope,
        place_id
    from {{ ref('int_places') }}
    where is_on_boundary_layer

),

months as (

    {% for scope, place in {'area': 'area_id', 'district': 'reporting_district'}.items() %}
        select
            '{{ scope }}' as scope,
            cast({{ place }} as varchar) as place_id,
            source,
            coalesce(record_system, 'any') as record_system,
            category,
            month,
            sum(incidents) as n
        from {{ ref('int_monthly_counts') }}
        where incidents > 0
        group by {{ place }}, source, record_system, category, month

        union all
    {% endfor %}

    select
        scope,
        place_id,
        source,
        coalesce(record_system, 'any') as record_system,
        category,
        month,
        incidents as n
    from {{ ref('int_layer_counts') }}
    where incidents > 0

),

counted as (

    select
        months.scope,
        months.place_id,
        months.source,
        months.record_system,
        categories.category,
        months.month,
        sum(months.n) as n
    from months
    inner join {{ ref('int_counted_categories') }} as categories
        on months.source = categories.source and months.category = categories.member
    group by all

)

select
    counted.scope,
    counted.place_id,
    counted.source,
    counted.record_system,
    counted.category,
    counted.month,
    cast(counted.n as integer) as n
from counted
inner join places on counted.scope = places.scope and counted.place_id = places.place_id
order by
    counted.scope,
    counted.source,
    counted.record_system,
    counted.category,
    counted.place_id,
    counted.month
