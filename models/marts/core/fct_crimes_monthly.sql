select
    'area' as scope,
    cast(area_id as varchar) as place_id,
    small_area,
    area_id,
    month,
    category as crime_group,
    record_system,
    incidents as crimes,
    offenses
from {{ ref('int_monthly_counts') }}
where source = 'crimes'
order by small_area, area_id, month, crime_group, record_system
