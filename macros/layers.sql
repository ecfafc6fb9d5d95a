{#
    A query for incidents in every layer: their columns, with `scope`, `place_id` and `found`, which says
    how the place was found. One without coordinates goes where its district's located incidents lie, or
    its area's where the district has none, by a draw that hangs on its report number alone.

    incidents: a relation with report_id, area_id, reporting_district, lat and lon; source: whose located
    incidents those are, 'crimes' or 'arrests'.
#}
{% macro placed_in_layers(incidents, source) %}
    {%- set draw = uniform_of('cast(incidents.report_id as varchar)') %}
    select
        incidents.*,
        points.scope,
        points.place_id,
        points.found
    from {{ incidents }} as incidents
    inner join {{ ref('int_layer_points') }} as points
        on incidents.lat = points.lat and incidents.lon = points.lon

    union all

    select
        incidents.*,
        layers.scope,
        coalesce(of_district.place_id, of_area.place_id, 'outside') as place_id,
        case
            when of_district.place_id is not null then 'by district'
            when of_area.place_id is not null then 'by area'
            else 'nowhere'
        end as found
    from {{ incidents }} as incidents
    cross join (select distinct places.scope from {{ ref('int_layer_places') }} as places) as layers
    {%- for basis, key in {'district': 'reporting_district', 'area': 'area_id'}.items() %}
    left join {{ ref('int_layer_shares') }} as of_{{ basis }}
        on
            layers.scope = of_{{ basis }}.scope
            and of_{{ basis }}.source = '{{ source }}'
            and of_{{ basis }}.basis = '{{ basis }}'
            and incidents.{{ key }} = of_{{ basis }}.basis_id
            and floor({{ draw }} * of_{{ basis }}.n_total) >= of_{{ basis }}.n_before
            and floor({{ draw }} * of_{{ basis }}.n_total) < of_{{ basis }}.n_before + of_{{ basis }}.n
    {%- endfor %}
    where incidents.lat is null
{% endmacro %}
