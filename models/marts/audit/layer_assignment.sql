with places as (

    select * from {{ ref('int_places') }}

),

counted as (

    select
        scope,
        place_id,
        source,
        cast(sum(incidents) as bigint) as incidents,
        cast(sum(on_border) as bigint) as on_border,
        cast(sum(in_several) as bigint) as in_several,
        cast(sum(by_district) as bigint) as by_district,
        cast(sum(nowhere) as bigint) as nowhere
    from {{ ref('int_layer_counts') }}
    where incidents > 0
    group by scope, place_id, source

)

select
    counted.scope,
    counted.place_id,
    places.place_name,
    counted.source,
    counted.incidents,
    counted.on_border,
    counted.in_several,
    counted.by_district,
    counted.nowhere,
    round(counted.by_district / counted.incidents, 6) as share_by_district,
    counted.by_district > {{ var('uncertain_share_by_district') }} * counted.incidents as rests_on_districts
from counted
inner join places on counted.scope = places.scope and counted.place_id = places.place_id
order by counted.scope, length(counted.place_id), counted.place_id, counted.source
