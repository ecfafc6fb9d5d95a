select
    run_id,
    step,
    left_id,
    right_id,
    height,
    size
from {{ ref('clustering_linkages') }}
order by run_id, step
