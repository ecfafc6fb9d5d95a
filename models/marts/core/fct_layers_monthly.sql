select
    scope,
    place_id,
    source,
    month,
    category as incident_group,
    record_system,
    incidents,
    offenses
from {{ ref('int_layer_counts') }}
order by scope, length(place_id), place_id, source, month, incident_group, record_system
