select
    area_id,
    area_name,
    bureau,
    area_km2 as km2_of_area
from {{ ref('int_places') }}
where scope = 'area'
order by area_id
