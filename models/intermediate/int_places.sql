with areas as (

    select * from {{ ref('areas') }}

),

districts as (

    select * from {{ ref('small_areas') }}

),

-- codes in the data that the boundary layer does not have, with the area that most of their rows name
other_districts as (

    select
        counts.small_area,
        counts.area_id,
        row_number() over (
            partition by counts.small_area order by sum(counts.n) desc, counts.area_id
        ) as area_rank
    from {{ ref('int_incident_counts') }} as counts
    left join districts on counts.small_area = districts.small_area
    where counts.characteristic = 'incidents' and districts.small_area is null
    group by counts.small_area, counts.area_id

),

-- since when a place has the ground that it has
grounds as (

    select
        scope,
        place_id,
        max(changed_on) as ground_since
    from {{ ref('place_changes') }}
    where changed_on > {{ city_date('series_start') }}
    group by scope, place_id

),

places as (

    select
        'area' as scope,
        cast(area_id as varchar) as place_id,
        area_name as place_name,
        area_id,
        area_name,
        bureau,
        area_km2,
        lat,
        lon,
        true as is_on_boundary_layer
    from areas

    union all

    select
        'district' as scope,
        cast(small_area as varchar) as place_id,
        area_name || ' ' || small_area as place_name,
        area_id,
        area_name,
        bureau,
        area_km2,
        lat,
        lon,
        true as is_on_boundary_layer
    from districts

    union all

    select
        'district' as scope,
        cast(other_districts.small_area as varchar) as place_id,
        case
            when other_districts.small_area = 0 then 'No district recorded'
            else areas.area_name || ' ' || other_districts.small_area || ' (not on the map)'
        end as place_name,
        areas.area_id,
        areas.area_name,
        areas.bureau,
        null as area_km2,
        null as lat,
        null as lon,
        false as is_on_boundary_layer
    from other_districts
    left join areas
        on other_districts.area_id = areas.area_id and other_districts.small_area != 0
    -- a city without small areas has none of which nothing is known, either
    where other_districts.area_rank = 1 and exists (select 1 from districts)

    union all

    select
        scope,
        place_id,
        place_name,
        null as area_id,
        null as area_name,
        null as bureau,
        area_km2,
        lat,
        lon,
        true as is_on_boundary_layer
    from {{ ref('int_layer_places') }}

    union all

    -- what lies in none of a layer's places, so that a layer has as many incidents as the city
    select
        scope,
        'outside' as place_id,
        'Outside all ' || lower(title) as place_name,
        null as area_id,
        null as area_name,
        null as bureau,
        null as area_km2,
        null as lat,
        null as lon,
        false as is_on_boundary_layer
    from {{ ref('int_scopes') }}
    where is_layer

)

select
    places.*,
    grounds.ground_since
from places
left join grounds on places.scope = grounds.scope and places.place_id = grounds.place_id
order by places.scope, length(places.place_id), places.place_id
