-- where in each layer the located incidents of a district, and of an area, lie
with located as (

    select
        points.scope,
        counts.source,
        counts.area_id,
        counts.small_area,
        points.place_id,
        sum(counts.n) as n
    from {{ ref('int_point_counts') }} as counts
    inner join {{ ref('int_layer_points') }} as points
        on counts.lat = points.lat and counts.lon = points.lon
    where counts.source in ('crimes', 'arrests')
    group by points.scope, counts.source, counts.area_id, counts.small_area, points.place_id

),

by_basis as (

    {% for basis, key in {'district': 'small_area', 'area': 'area_id'}.items() %}
        select
            scope,
            source,
            '{{ basis }}' as basis,
            {{ key }} as basis_id,
            place_id,
            cast(sum(n) as bigint) as n
        from located
        -- no district at all is no place
        {{ 'where small_area != 0' if basis == 'district' }}
        group by scope, source, {{ key }}, place_id
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    *,
    cast(
        sum(n) over (partition by scope, source, basis, basis_id order by place_id) - n as bigint
    ) as n_before,
    cast(sum(n) over (partition by scope, source, basis, basis_id) as bigint) as n_total
from by_basis
order by scope, source, basis, basis_id, place_id
