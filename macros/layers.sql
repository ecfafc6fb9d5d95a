{#
    A query for spots in every layer: their columns, with `scope`, `place_id` and `found`, which says how
    the place was found. One without coordinates goes where its district's located incidents lie, or its
    area's where the district has none, by its draw.

    spots: a relation of `int_spot_counts` or some of its rows.
#}
{% macro placed_in_layers(spots) %}
    select
        spots.*,
        points.scope,
        points.place_id,
        points.found
    from {{ spots }} as spots
    inner join {{ ref('int_layer_points') }} as points
        on spots.lat = points.lat and spots.lon = points.lon

    union all

    select
        spots.*,
        layers.scope,
        coalesce(of_district.place_id, of_area.place_id, 'outside') as place_id,
        case
            when of_district.place_id is not null then 'by district'
            when of_area.place_id is not null then 'by area'
            else 'nowhere'
        end as found
    from {{ spots }} as spots
    cross join (select distinct places.scope from {{ ref('int_layer_places') }} as places) as layers
    {%- for basis, key in {'district': 'small_area', 'area': 'area_id'}.items() %}
    left join {{ ref('int_layer_shares') }} as of_{{ basis }}
        on
            layers.scope = of_{{ basis }}.scope
            and of_{{ basis }}.source = case spots.source when 'arrests' then 'arrests' else 'crimes' end
            and of_{{ basis }}.basis = '{{ basis }}'
            and spots.{{ key }} = of_{{ basis }}.basis_id
            and floor(spots.draw * of_{{ basis }}.n_total) >= of_{{ basis }}.n_before
            and floor(spots.draw * of_{{ basis }}.n_total) < of_{{ basis }}.n_before + of_{{ basis }}.n
    {%- endfor %}
    where spots.lat is null
{% endmacro %}
