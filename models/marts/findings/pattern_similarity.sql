select
    scope,
    compared,
    left_id,
    right_id,
    count(*) as n_places,
    max(s_index) as s_index,
    max(robust_s_index) as robust_s_index,
    count(*) filter (where is_different) as n_different,
    round(count(*) filter (where is_different) / count(*), 6) as share_different
from {{ ref('measured_patterns') }}
group by scope, compared, left_id, right_id
order by scope, compared, left_id, right_id
