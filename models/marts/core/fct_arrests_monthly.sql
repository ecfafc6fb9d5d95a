select
    'area' as scope,
    cast(area_id as varchar) as place_id,
    small_area,
    area_id,
    month,
    category as charge_group,
    incidents as arrests
from {{ ref('int_monthly_counts') }}
where source = 'arrests'
order by small_area, area_id, month, charge_group
