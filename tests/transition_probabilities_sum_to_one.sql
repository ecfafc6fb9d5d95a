-- Fails with each tier whose ways out, staying among them, do not add up to 1.
{{ config(store_failures=true) }}

select
    scope,
    from_tier,
    sum(probability) as total
from {{ ref('tier_transitions') }}
group by scope, from_tier
having abs(total - 1) > 1e-6 or (total is null and sum(n) > 0)
