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
        left_id not like 'crimes %'
        or right_id not like 'arrests %'
        or replace(left_id, 'crimes ', '') != replace(right_id, 'arrests ', '')
    )
