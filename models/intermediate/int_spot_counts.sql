-- a spot is a point, or for an incident without coordinates its draw among the places of its district
with incidents as (

    {% for incidents, source, record_system in [
        ('int_crimes', 'crimes', 'record_system'), ('int_nibrs_offenses', 'offenses', "'nibrs'"),
        ('int_arrests', 'arrests', 'null'),
    ] %}
        select
            '{{ source }}' as source,
            area_id,
            small_area,
            lat,
            lon,
            case when lat is null then {{ uniform_of('report_id') }} end as draw,
            cast(date_trunc('month', date_occurred) as date) as month,
            district_group as category,
            {{ record_system }} as record_system,
            {% if source == 'crimes' %}
                is_default_time or is_default_date as is_default,
                is_on_boundary_layer as is_on_map,
                part = 1 as is_part_1,
                part = 1 and crime_group = 'aggravated_assault' as is_assault
            {% else %}
                false as is_default,
                false as is_on_map,
                false as is_part_1,
                false as is_assault
            {% endif %}
        from {{ ref(incidents) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    area_id,
    small_area,
    lat,
    lon,
    draw,
    month,
    category,
    record_system,
    count(*) as n,
    count(*) filter (where is_default) as n_default,
    count(*) filter (where is_on_map) as n_on_map,
    count(*) filter (where is_part_1) as n_part_1,
    count(*) filter (where is_assault) as n_assaults
from incidents
group by source, area_id, small_area, lat, lon, draw, month, category, record_system
