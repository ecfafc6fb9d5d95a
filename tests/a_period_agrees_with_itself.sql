-- Fails with each period whose tiers do not fully agree with themselves.
{{ config(store_failures=true) }}

select
    scope,
    left_id,
    ari,
    weighted_kappa
from {{ ref('tier_agreement') }}
where
    compared = 'period'
    and left_id = right_id
    and (
        ari is distinct from cast(1 as double)
        or weighted_kappa is distinct from cast(1 as double)
    )
