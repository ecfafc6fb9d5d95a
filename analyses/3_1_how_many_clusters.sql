-- Modelling: how many clusters? The elbow (by how much one more cluster lowers the inertia) and the
-- silhouette, for K-means over the whole period and 2017, and the number that most measures recommend.
-- One row per run and number of clusters.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where algorithm = 'kmeans' and period_id in ('all', '2017')

),

scores as (

    select * from {{ ref('cluster_k_selection') }}

),

final as (

    select
        runs.run_id,
        scores.k,
        scores.is_used,
        scores.inertia,
        round(
            1 - scores.inertia / nullif(
                lag(scores.inertia) over (partition by runs.run_id order by scores.k), 0
            ),
            4
        ) as inertia_saved_by_last_cluster,
        round(scores.silhouette, 4) as silhouette,
        rank() over (partition by runs.run_id order by scores.silhouette desc nulls last)
            as silhouette_rank,
        round(scores.calinski_harabasz, 2) as calinski_harabasz,
        round(scores.davies_bouldin, 4) as davies_bouldin,
        scores.smallest_cluster,
        scores.recommended_k
    from runs
    inner join scores on runs.run_id = scores.run_id
    where scores.k >= 2

)

select * from final
order by run_id, k
