-- points are rounded to the hundred block, and few: places are asked of them and not of incidents
with points as (

    {% for incidents, source in {
        'int_crimes': 'crimes', 'int_nibrs_offenses': 'offenses', 'int_arrests': 'arrests',
    }.items() %}
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
