-- what each line of the seed asks for, with what its feature set says of it
select
    concat_ws(
        '__', runs.scope, runs.period_id, runs.source, runs.feature_set, runs.algorithm
    ) as run_id,
    runs.*,
    feature_sets.transform,
    feature_sets.min_incidents
from {{ ref('clustering_runs') }} as runs
inner join {{ ref('feature_sets') }} as feature_sets
    on runs.feature_set = feature_sets.feature_set
-- a layer that the data folder has not is not asked for
where runs.scope in (select scopes.scope from {{ ref('int_scopes') }} as scopes)
order by run_id
