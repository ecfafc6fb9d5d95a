select
    cast(place_id as integer) as small_area,
    place_name as district_name,
    area_name as area_of_district,
    bureau as bureau_of_district,
    area_km2 as km2_of_district
from {{ ref('int_places') }}
where scope = 'district'
order by small_area
