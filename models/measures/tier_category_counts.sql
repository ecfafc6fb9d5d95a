-- what effect sizes are of: the categories of each place, known ones only; groups of crimes and of
-- charges as the monthly facts show them, everything else as the profiles do
with counts as (

    select
        scope,
        place_id,
        period_id,
        characteristic,
        category,
        n
    from {{ ref('int_place_counts') }}
    where characteristic != 'incidents'

    union all

    select
        scope,
        place_id,
        period_id,
        characteristic,
        category,
        n
    from {{ ref('int_profile_counts') }}
    where characteristic not in ('crime_group', 'charge_group') and n > 0

)

select
    assignments.run_id,
    assignments.place_id,
    assignments.cluster_rank,
    counts.characteristic,
    counts.category,
    counts.n
from {{ ref('clustering_assignments') }} as assignments
inner join {{ ref('described_runs') }} as runs on assignments.run_id = runs.run_id
inner join counts
    on
        assignments.scope = counts.scope
        and assignments.place_id = counts.place_id
        and runs.period_id = counts.period_id
where counts.category not in ('unknown', 'unclassified')
order by assignments.run_id, assignments.place_id, counts.characteristic, counts.category
