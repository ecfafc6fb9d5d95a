select
    run_id,
    scope,
    place_id,
    cluster_rank,
    tier,
    volume,
    silhouette,
    leaf_id
from {{ ref('clustering_assignments') }}
order by run_id, length(place_id), place_id
