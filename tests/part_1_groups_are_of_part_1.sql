-- Fails with each code of Part II in a group that is taken for Part I.
select
    codes.crime_code,
    crime_groups.crime_group,
    crime_groups.part_1
from {{ ref('crime_codes') }} as codes
inner join {{ ref('crime_groups') }} as crime_groups on codes.crime_group = crime_groups.crime_group
where crime_groups.part_1 is not null and codes.part != 1
