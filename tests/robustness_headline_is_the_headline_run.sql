-- Fails with each place whose headline tier in the robustness check is not the one its run gave.
{{ config(store_failures=true) }}

select
    robustness.scope,
    robustness.place_id,
    robustness.headline_tier,
    assignments.tier
from {{ ref('tier_robustness') }} as robustness
inner join {{ ref('main_runs') }} as main_runs on robustness.scope = main_runs.scope
inner join {{ ref('cluster_assignments') }} as assignments
    on
        robustness.scope = assignments.scope
        and robustness.place_id = assignments.place_id
        and main_runs.run_id = assignments.run_id
where
    robustness.headline_tier is distinct from assignments.tier
    or robustness.headline_rank is distinct from assignments.cluster_rank
