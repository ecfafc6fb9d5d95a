-- Preparation: what does each clustering look at, how is it transformed, how many places have
-- enough incidents for it, and why are the others left out? One row per run and reason.
with runs as (

    select * from {{ ref('cluster_runs') }}

),

exclusions as (

    select
        run_id,
        reason,
        count(*) as places_excluded,
        sum(volume) as incidents_excluded
    from {{ ref('cluster_exclusions') }}
    group by run_id, reason

),

final as (

    select
        runs.run_id,
        runs.feature_set,
        runs.transform,
        runs.status,
        runs.n_places as places_clustered,
        exclusions.reason as excluded_because,
        coalesce(exclusions.places_excluded, 0) as places_excluded,
        coalesce(exclusions.incidents_excluded, 0) as incidents_excluded
    from runs
    left join exclusions on runs.run_id = exclusions.run_id
    where runs.period_id in ('all', '2017')

)

select * from final
order by run_id, excluded_because
