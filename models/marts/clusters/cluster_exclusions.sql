select
    run_id,
    scope,
    place_id,
    volume,
    exclusion_reason as reason
from {{ ref('clustering_candidates') }}
where exclusion_reason is not null
order by run_id, length(place_id), place_id
