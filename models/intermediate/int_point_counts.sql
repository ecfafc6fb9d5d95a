-- points are rounded to the hundred block and few: what is asked of a place is asked of them, not of incidents
with points as (

    {% for incidents, source in [('int_crimes', 'crimes'), ('int_nibrs_offenses', 'offenses'), ('int_arrests', 'arrests')] %}
        select
            '{{ source }}' as source,
            area_id,
            reporting_district,
            lat,
            lon
        from {{ ref(incidents) }}
        where lat is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    area_id,
    reporting_district,
    lat,
    lon,
    count(*) as n
from points
group by source, area_id, reporting_district, lat, lon
order by source, area_id, reporting_district, lat, lon
