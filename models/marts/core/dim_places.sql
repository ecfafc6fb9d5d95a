select
    scope,
    place_id,
    place_name,
    area_id,
    area_name,
    bureau,
    area_km2,
    lat,
    lon,
    is_on_boundary_layer,
    ground_since
from {{ ref('int_places') }}
order by scope, length(place_id), place_id
