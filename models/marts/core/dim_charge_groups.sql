select
    charge_group,
    charge_group_name,
    charge_group_code,
    matched_crime_group,
    is_sensitive as is_sensitive_charge_group,
    district_group as monthly_charge_group,
    charge_group = district_group as is_monthly_charge_group,
    part_1 as part_1_of_charge_group,
    sort_order as charge_group_order,
    description as charge_group_description
from {{ ref('charge_groups') }}
order by charge_group_order
