-- the run of each scope that measures repeat, recount and hold others against
with ranked as (

    select
        plan.*,
        row_number() over (
            partition by plan.scope
            order by periods.start_date asc, periods.end_date desc nulls first, plan.run_id asc
        ) as length_rank
    from {{ ref('planned_runs') }} as plan
    inner join {{ ref('periods') }} as periods on plan.period_id = periods.period_id
    where
        plan.is_headline
        and plan.source = 'crimes'
        and plan.feature_set = 'volume'
        and plan.algorithm = 'kmeans'

)

select
    run_id,
    scope,
    period_id,
    source,
    feature_set,
    transform,
    min_incidents,
    algorithm,
    k
from ranked
where length_rank = 1
order by scope
