select
    crime_group,
    crime_group_name,
    broad_category,
    is_sensitive as is_sensitive_crime_group,
    district_group as monthly_crime_group,
    crime_group = district_group as is_monthly_crime_group,
    part_1 as part_1_of_crime_group,
    sort_order as crime_group_order,
    description as crime_group_description
from {{ ref('crime_groups') }}
order by crime_group_order
