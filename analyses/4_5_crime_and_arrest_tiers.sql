-- Results: which places are in one tier by recorded crimes and in another by arrests? K-means by
-- volume, each source by itself. One row per scope, period and pair of tiers; areas by name.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where
        feature_set = 'volume'
        and algorithm = 'kmeans'
        and period_id in ('all', '2017')

),

assigned as (

    select
        runs.scope,
        runs.period_id,
        runs.source,
        assignments.place_id,
        assignments.cluster_rank,
        assignments.tier
    from {{ ref('cluster_assignments') }} as assignments
    inner join runs on assignments.run_id = runs.run_id

),

places as (

    select * from {{ ref('dim_places') }}

),

final as (

    select
        crimes.scope,
        crimes.period_id,
        crimes.tier as tier_by_crimes,
        arrests.tier as tier_by_arrests,
        arrests.cluster_rank - crimes.cluster_rank as tiers_lower_by_arrests,
        count(*) as places,
        case
            when crimes.scope = 'area'
                then string_agg(places.place_name, ', ' order by places.place_name)
        end as areas,
        crimes.cluster_rank as rank_by_crimes,
        arrests.cluster_rank as rank_by_arrests
    from assigned as crimes
    inner join assigned as arrests
        on
            crimes.scope = arrests.scope
            and crimes.period_id = arrests.period_id
            and crimes.place_id = arrests.place_id
    inner join places on crimes.scope = places.scope and crimes.place_id = places.place_id
    where crimes.source = 'crimes' and arrests.source = 'arrests'
    group by
        crimes.scope,
        crimes.period_id,
        crimes.cluster_rank,
        crimes.tier,
        arrests.cluster_rank,
        arrests.tier

)

select * from final
order by scope asc, period_id desc, rank_by_crimes asc, rank_by_arrests asc
