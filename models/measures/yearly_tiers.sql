-- the tiers of the single comparable years, from the runs that do for a year what the main run does; those of
-- a place begin with the first year in which its ground did not change any more
select
    assignments.scope,
    assignments.place_id,
    plan.period_id,
    cast(extract(year from periods.start_date) as integer) as year,
    assignments.cluster_rank,
    assignments.tier,
    assignments.volume
from {{ ref('clustering_assignments') }} as assignments
inner join {{ ref('planned_runs') }} as plan on assignments.run_id = plan.run_id
inner join {{ ref('int_periods') }} as periods on plan.period_id = periods.period_id
inner join {{ ref('main_runs') }} as main_runs
    on
        plan.scope = main_runs.scope
        and plan.source = main_runs.source
        and plan.feature_set = main_runs.feature_set
        and plan.algorithm = main_runs.algorithm
        and plan.k = main_runs.k
inner join {{ ref('int_places') }} as places
    on assignments.scope = places.scope and assignments.place_id = places.place_id
where
    periods.is_single_year
    and periods.is_comparable
    and coalesce(places.ground_since <= periods.start_date, true)
order by assignments.scope, periods.start_date, assignments.place_id
