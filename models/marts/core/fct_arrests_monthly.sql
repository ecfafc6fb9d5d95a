select
    'area' as scope,
    cast(area_id as varchar) as place_id,
    reporting_district,
    area_id,
    month,
    category as charge_group,
    incidents as arrests
from {{ ref('int_monthly_counts') }}
where source = 'arrests'
order by reporting_district, area_id, month, charge_group
