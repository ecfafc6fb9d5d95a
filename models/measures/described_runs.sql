-- the runs whose tiers are described: of a headline run's scope, period and algorithm
select distinct
    runs.run_id,
    runs.scope,
    runs.period_id
from {{ ref('planned_runs') }} as runs
inner join {{ ref('planned_runs') }} as headlines
    on
        runs.scope = headlines.scope
        and runs.period_id = headlines.period_id
        and runs.algorithm = headlines.algorithm
where headlines.is_headline
order by runs.run_id
