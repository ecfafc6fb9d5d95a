-- Fails with each k whose inertia is not below that of one cluster less, whose stability is not that of
-- its clusters, or that has the votes without the recommendation.
{{ config(store_failures=true) }}

with least_stable as (

    select
        run_id,
        k,
        min(jaccard) as jaccard_min,
        avg(jaccard) as jaccard_mean
    from {{ ref('cluster_stability') }}
    group by run_id, k

),

measured as (

    select
        selection.*,
        least_stable.jaccard_min as least_jaccard,
        least_stable.jaccard_mean as mean_jaccard,
        lag(selection.inertia) over (partition by selection.run_id order by selection.k) as inertia_above,
        first_value(selection.k) over (
            partition by selection.run_id
            order by selection.votes desc, selection.k asc
        ) as most_voted_k
    from {{ ref('cluster_k_selection') }} as selection
    left join least_stable
        on selection.run_id = least_stable.run_id and selection.k = least_stable.k

)

select *
from measured
where
    inertia > inertia_above
    or (k > 1 and jaccard_min is distinct from least_jaccard)
    or (k > 1 and abs(jaccard_mean - mean_jaccard) > 1e-6)
    or is_used != (k = k_used)
    or recommended_k != most_voted_k
