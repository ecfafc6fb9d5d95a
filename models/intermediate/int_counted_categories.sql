-- what changes are looked for in: each group of the monthly facts, Part I of both kinds, and all
with groups as (

    select distinct
        'crimes' as source,
        district_group as member,
        part_1
    from {{ ref('crime_groups') }}
    where crime_group = district_group

    union all

    select distinct
        'arrests' as source,
        district_group as member,
        part_1
    from {{ ref('charge_groups') }}
    where charge_group = district_group

)

select
    source,
    'all' as category,
    member,
    true as is_wide
from groups

union all

select
    source,
    'part_1_' || part_1 as category,
    member,
    true as is_wide
from groups
where part_1 is not null

union all

select
    source,
    member as category,
    member,
    false as is_wide
from groups
order by source, category, member
