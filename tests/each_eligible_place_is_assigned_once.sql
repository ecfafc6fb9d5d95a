-- Fails with each place that an ok run does not assign or exclude once, or that another run assigns.
{{ config(store_failures=true) }}

with runs as (

    select * from {{ ref('cluster_runs') }}

),

places as (

    select * from {{ ref('dim_places') }}

),

outcomes as (

    select
        run_id,
        place_id,
        1 as assigned,
        0 as excluded
    from {{ ref('cluster_assignments') }}

    union all

    select
        run_id,
        place_id,
        0 as assigned,
        1 as excluded
    from {{ ref('cluster_exclusions') }}

),

expected as (

    select
        runs.run_id,
        runs.status,
        places.place_id
    from runs
    inner join places on runs.scope = places.scope

),

compared as (

    select
        coalesce(expected.run_id, outcomes.run_id) as run_id,
        coalesce(expected.place_id, outcomes.place_id) as place_id,
        max(expected.status) as status,
        coalesce(sum(outcomes.assigned), 0) as times_assigned,
        coalesce(sum(outcomes.excluded), 0) as times_excluded
    from expected
    full outer join outcomes
        on expected.run_id = outcomes.run_id and expected.place_id = outcomes.place_id
    group by
        coalesce(expected.run_id, outcomes.run_id),
        coalesce(expected.place_id, outcomes.place_id)

)

select
    run_id,
    place_id,
    status,
    times_assigned,
    times_excluded,
    cast(null as integer) as n_places
from compared
where
    status is null
    or (status = 'ok' and times_assigned + times_excluded != 1)
    or (status != 'ok' and times_assigned > 0)

union all

-- the run's own count of the places that it assigns
select
    runs.run_id,
    'every place' as place_id,
    runs.status,
    coalesce(sum(outcomes.assigned), 0) as times_assigned,
    coalesce(sum(outcomes.excluded), 0) as times_excluded,
    runs.n_places
from runs
left join outcomes on runs.run_id = outcomes.run_id
where runs.status = 'ok'
group by runs.run_id, runs.status, runs.n_places
having coalesce(sum(outcomes.assigned), 0) != runs.n_places
