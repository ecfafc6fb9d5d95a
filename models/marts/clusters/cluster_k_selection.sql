select
    scores.run_id,
    scores.k,
    scores.k = plan.k as is_used,
    scores.inertia,
    scores.silhouette,
    scores.calinski_harabasz,
    scores.davies_bouldin,
    scores.smallest_cluster
from {{ ref('clustering_scores') }} as scores
inner join {{ ref('clustering_plan') }} as plan on scores.run_id = plan.run_id
order by scores.run_id, scores.k
