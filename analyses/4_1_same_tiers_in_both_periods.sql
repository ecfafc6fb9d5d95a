-- Results: are places in the same tier of recorded-crime volume over the whole period and in 2017?
-- One row per scope, algorithm and pair of tiers; areas by name.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where source = 'crimes' and feature_set = 'volume' and algorithm in ('kmeans', 'ward')

),

assigned as (

    select
        runs.scope,
        runs.algorithm,
        runs.period_id,
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
        whole.scope,
        whole.algorithm,
        whole.tier as tier_whole_period,
        one_year.tier as tier_2017,
        whole.cluster_rank = one_year.cluster_rank as is_same_tier,
        count(*) as places,
        round(count(*) / sum(count(*)) over (partition by whole.scope, whole.algorithm), 4)
            as share_of_places,
        case
            when whole.scope = 'area'
                then string_agg(places.place_name, ', ' order by places.place_name)
        end as areas,
        whole.cluster_rank as rank_whole_period,
        one_year.cluster_rank as rank_2017
    from assigned as whole
    inner join assigned as one_year
        on
            whole.scope = one_year.scope
            and whole.algorithm = one_year.algorithm
            and whole.place_id = one_year.place_id
    inner join places on whole.scope = places.scope and whole.place_id = places.place_id
    where whole.period_id = 'all' and one_year.period_id = '2017'
    group by
        whole.scope,
        whole.algorithm,
        whole.cluster_rank,
        whole.tier,
        one_year.cluster_rank,
        one_year.tier

)

select * from final
order by scope, algorithm, rank_whole_period, rank_2017
