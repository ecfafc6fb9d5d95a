select
    labels.run_id,
    candidates.scope,
    labels.place_id,
    labels.cluster_rank,
    labels.tier,
    candidates.volume,
    labels.silhouette,
    labels.leaf_id
from {{ ref('clustering_labels') }} as labels
inner join {{ ref('planned_runs') }} as plan
    on labels.run_id = plan.run_id and labels.k = plan.k
inner join {{ ref('clustering_candidates') }} as candidates
    on labels.run_id = candidates.run_id and labels.place_id = candidates.place_id
order by labels.run_id, length(labels.place_id), labels.place_id
