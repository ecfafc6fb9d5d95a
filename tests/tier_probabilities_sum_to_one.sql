-- Fails with each run, place and noise whose tier probabilities do not add up to 1.
{{ config(store_failures=true) }}

select
    run_id,
    place_id,
    noise,
    sum(probability) as total
from {{ ref('place_tier_probabilities') }}
group by run_id, place_id, noise
having total is null or abs(total - 1) > 1e-6
