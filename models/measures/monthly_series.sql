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

with_all as (

    select * from months
    union all
    select
        scope,
        place_id,
        source,
        record_system,
        'all' as category,
        month,
        sum(n) as n
    from months
    group by scope, place_id, source, record_system, month

)

select
    with_all.scope,
    with_all.place_id,
    with_all.source,
    with_all.record_system,
    with_all.category,
    with_all.month,
    cast(with_all.n as integer) as n
from with_all
inner join places on with_all.scope = places.scope and with_all.place_id = places.place_id
order by
    with_all.scope,
    with_all.source,
    with_all.record_system,
    with_all.category,
    with_all.place_id,
    with_all.month
