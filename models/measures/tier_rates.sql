-- rates that need no category: density, and arrests beside crimes
with assignments as (

    select assignments.*
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('clustering_plan') }} as plan on assignments.run_id = plan.run_id
    where plan.algorithm = 'kmeans' and plan.period_id in ('all', '2017')

),

incidents as (

    select *
    from {{ ref('int_place_counts') }}
    where characteristic = 'incidents'

),

counted as (

    select
        assignments.run_id,
        assignments.place_id,
        assignments.cluster_rank,
        places.area_km2,
        crimes.n as crimes,
        arrests.n as arrests
    from assignments
    inner join {{ ref('clustering_plan') }} as plan on assignments.run_id = plan.run_id
    inner join {{ ref('dim_places') }} as places
        on assignments.scope = places.scope and assignments.place_id = places.place_id
    left join incidents as crimes
        on
            assignments.scope = crimes.scope
            and assignments.place_id = crimes.place_id
            and plan.period_id = crimes.period_id
            and crimes.source = 'crimes'
    left join incidents as arrests
        on
            assignments.scope = arrests.scope
            and assignments.place_id = arrests.place_id
            and plan.period_id = arrests.period_id
            and arrests.source = 'arrests'

)

select
    run_id,
    place_id,
    cluster_rank,
    'crimes_per_km2' as characteristic,
    crimes / area_km2 as rate
from counted
where crimes is not null

union all

select
    run_id,
    place_id,
    cluster_rank,
    'arrests_per_100_crimes' as characteristic,
    100.0 * coalesce(arrests, 0) / crimes as rate
from counted
where crimes is not null
order by run_id, place_id, characteristic
