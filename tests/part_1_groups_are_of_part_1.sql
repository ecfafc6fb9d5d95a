-- Fails with each code of Part II in a group that is taken for Part I.
select
    codes.crime_code,
    groups.crime_group,
    groups.part_1
from {{ ref('crime_codes') }} as codes
inner join {{ ref('crime_groups') }} as groups on codes.crime_group = groups.crime_group
where groups.part_1 is not null and codes.part != 1
