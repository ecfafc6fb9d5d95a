select
    charge_group,
    charge_group_name,
    charge_group_code,
    matched_crime_group,
    is_sensitive,
    district_group,
    part_1,
    sort_order,
    description
from {{ ref('charge_groups') }}
order by sort_order
