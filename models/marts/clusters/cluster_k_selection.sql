with measured as (

    select
        run_id,
        k,
        max(gap) as gap,
        max(gap_se) as gap_se,
        avg(jaccard) as jaccard_mean,
        min(jaccard) as jaccard_min
    from {{ ref('measured_k') }}
    group by run_id, k

)

select
    votes.run_id,
    cast(votes.k as integer) as k,
    votes.k = plan.k as is_used,
    scores.inertia,
    scores.silhouette,
    scores.calinski_harabasz,
    scores.davies_bouldin,
    cast(scores.smallest_cluster as integer) as smallest_cluster,
    measured.gap,
    measured.gap_se,
    round(measured.jaccard_mean, 9) as jaccard_mean,
    measured.jaccard_min,
    cast(votes.votes as integer) as votes,
    cast(votes.recommended_k as integer) as recommended_k,
    plan.k as k_used,
    votes.reason
from {{ ref('measured_k_votes') }} as votes
inner join {{ ref('planned_runs') }} as plan on votes.run_id = plan.run_id
left join {{ ref('clustering_scores') }} as scores
    on votes.run_id = scores.run_id and votes.k = scores.k
left join measured on votes.run_id = measured.run_id and votes.k = measured.k
order by votes.run_id, votes.k
