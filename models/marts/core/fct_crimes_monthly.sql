select
    reporting_district,
    area_id,
    cast(date_trunc('month', date_occurred) as date) as month,
    district_group as crime_group,
    count(*) as crimes
from {{ ref('int_crimes') }}
group by reporting_district, area_id, month, district_group
order by reporting_district, area_id, month, crime_group
