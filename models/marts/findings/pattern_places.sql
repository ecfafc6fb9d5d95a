select
    scope,
    compared,
    left_id,
    right_id,
    place_id,
    left_share,
    right_share,
    q_value,
    is_similar,
    is_different
from {{ ref('measured_patterns') }}
order by scope, compared, left_id, right_id, length(place_id), place_id
