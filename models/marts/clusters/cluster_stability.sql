select
    run_id,
    cast(k as integer) as k,
    cast(cluster_rank as integer) as cluster_rank,
    jaccard
from {{ ref('measured_k') }}
where k > 1
order by run_id, k, cluster_rank
