-- the volume tiers of the single comparable years, from the yearly runs
select
    assignments.scope,
    assignments.place_id,
    plan.period_id,
    cast(extract(year from periods.start_date) as integer) as year,
    assignments.cluster_rank,
    assignments.tier,
    assignments.volume
from {{ ref('clustering_assignments') }} as assignments
inner join {{ ref('clustering_plan') }} as plan on assignments.run_id = plan.run_id
inner join {{ ref('int_periods') }} as periods on plan.period_id = periods.period_id
where
    plan.source = 'crimes'
    and plan.feature_set = 'volume'
    and plan.algorithm = 'kmeans'
    and periods.is_single_year
    and periods.is_comparable
order by assignments.scope, periods.start_date, assignments.place_id
