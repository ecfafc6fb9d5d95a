-- Fails with each pair of sources that is not crimes on the left, arrests on the right, of one period.
{{ config(store_failures=true) }}

select
    scope,
    left_id,
    right_id
from {{ ref('pattern_similarity') }}
where
    compared = 'source'
    and (
        left_period_id != right_period_id
        or left_id != 'crimes ' || left_period_id
        or right_id != 'arrests ' || right_period_id
    )
