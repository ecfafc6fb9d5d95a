select
    crime_group,
    crime_group_name,
    broad_category,
    is_sensitive,
    district_group,
    part_1,
    sort_order,
    description
from {{ ref('crime_groups') }}
order by sort_order
