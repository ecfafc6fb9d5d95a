select
    reporting_district,
    area_id,
    cast(date_trunc('month', date_occurred) as date) as month,
    district_group as charge_group,
    count(*) as arrests
from {{ ref('int_arrests') }}
group by reporting_district, area_id, month, district_group
order by reporting_district, area_id, month, charge_group
