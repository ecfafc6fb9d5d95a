-- the K-means runs on volume, whose counts can be drawn again, and how many months each sums
select
    plan.run_id,
    plan.scope,
    plan.period_id,
    plan.source,
    plan.transform,
    plan.min_incidents,
    plan.k,
    plan.is_headline,
    cast(periods.months_with_crimes as integer) as months
from {{ ref('planned_runs') }} as plan
inner join {{ ref('int_periods') }} as periods on plan.period_id = periods.period_id
where
    plan.feature_set = 'volume'
    and plan.algorithm = 'kmeans'
    and plan.status = 'ok'
    and periods.months_with_crimes > 0
order by plan.run_id
