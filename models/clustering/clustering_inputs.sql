select
    runs.run_id,
    candidates.place_id,
    candidates.volume,
    features.feature,
    features.value
from {{ ref('planned_runs') }} as runs
inner join {{ ref('clustering_candidates') }} as candidates
    on runs.run_id = candidates.run_id and candidates.exclusion_reason is null
inner join {{ ref('features') }} as features
    on
        runs.scope = features.scope
        and candidates.place_id = features.place_id
        and runs.period_id = features.period_id
        and runs.source = features.source
        and runs.feature_set = features.feature_set
where runs.status = 'ok'
order by runs.run_id, candidates.place_id, features.feature
