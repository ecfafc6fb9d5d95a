-- Modelling: how many reporting districts are in each tier of recorded-crime volume, and what part
-- of the recorded crimes falls in them, by K-means and by the dendrogram (Ward's linkage), over the
-- whole period and in 2017? One row per run and tier.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where
        scope = 'district'
        and source = 'crimes'
        and feature_set = 'volume'
        and period_id in ('all', '2017')

),

assignments as (

    select * from {{ ref('cluster_assignments') }}

),

final as (

    select
        runs.period_id,
        runs.algorithm,
        assignments.cluster_rank,
        assignments.tier,
        count(*) as districts,
        round(count(*) / sum(count(*)) over (partition by runs.run_id), 4) as share_of_districts,
        sum(assignments.volume) as crimes,
        round(sum(assignments.volume) / sum(sum(assignments.volume)) over (partition by runs.run_id), 4)
            as share_of_crimes,
        min(assignments.volume) as fewest_crimes,
        max(assignments.volume) as most_crimes
    from runs
    inner join assignments on runs.run_id = assignments.run_id
    group by runs.run_id, runs.period_id, runs.algorithm, assignments.cluster_rank, assignments.tier

)

select * from final
order by period_id desc, algorithm asc, cluster_rank asc
