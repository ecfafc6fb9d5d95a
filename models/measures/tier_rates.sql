-- rates that need no category: density, and arrests beside crimes
with assignments as (

    select
        assignments.*,
        runs.period_id
    from {{ ref('clustering_assignments') }} as assignments
    inner join {{ ref('described_runs') }} as runs on assignments.run_id = runs.run_id

)

select
    assignments.run_id,
    assignments.place_id,
    assignments.cluster_rank,
    'crimes_per_km2' as characteristic,
    crimes.n / places.area_km2 as rate
from assignments
inner join {{ ref('int_places') }} as places
    on assignments.scope = places.scope and assignments.place_id = places.place_id
inner join {{ ref('int_place_counts') }} as crimes
    on
        assignments.scope = crimes.scope
        and assignments.place_id = crimes.place_id
        and assignments.period_id = crimes.period_id
where crimes.source = 'crimes' and crimes.characteristic = 'incidents'

union all

select
    assignments.run_id,
    assignments.place_id,
    assignments.cluster_rank,
    'arrests_per_100_crimes' as characteristic,
    divergence.arrests_per_100_crimes as rate
from assignments
inner join {{ ref('measured_divergence') }} as divergence
    on
        assignments.scope = divergence.scope
        and assignments.place_id = divergence.place_id
        and assignments.period_id = divergence.period_id
where divergence.matched_group = 'all' and divergence.arrests_per_100_crimes is not null
order by run_id, place_id, characteristic
