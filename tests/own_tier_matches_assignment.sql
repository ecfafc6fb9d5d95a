-- Fails with each place whose confidence is of another tier than its run gave it, or missing.
{{ config(store_failures=true) }}

with assignments as (

    select
        assignments.run_id,
        assignments.place_id,
        assignments.tier
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('planned_runs') }} as plan on assignments.run_id = plan.run_id
    where plan.is_headline and plan.feature_set = 'volume'

)

select
    coalesce(confidence.run_id, assignments.run_id) as run_id,
    coalesce(confidence.place_id, assignments.place_id) as place_id,
    confidence.tier as confidence_tier,
    assignments.tier as assigned_tier
from {{ ref('place_tier_confidence') }} as confidence
full outer join assignments
    on confidence.run_id = assignments.run_id and confidence.place_id = assignments.place_id
where confidence.tier is distinct from assignments.tier
