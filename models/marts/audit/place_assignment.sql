-- in steps, so that a report more does not show whether it has coordinates
{%- set step = 0.05 %}
with counted as (

    select
        scope,
        place_id,
        source,
        round(sum(by_district) / sum(incidents) / {{ step }}) * {{ step }} as share_by_district
    from {{ ref('int_layer_counts') }}
    where place_id != 'outside'
    group by scope, place_id, source
    having sum(incidents) > 0

)

select
    scope,
    place_id,
    source,
    round(share_by_district, 2) as share_by_district,
    round(share_by_district, 2) > {{ var('uncertain_share_by_district') }} as rests_on_districts
from counted
order by scope, length(place_id), place_id, source
