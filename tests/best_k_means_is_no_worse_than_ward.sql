-- Fails where a linkage has less inertia than K-means at the same k on one feature, where K-means is exact.
{{ config(store_failures=true) }}

with scores as (

    select
        runs.scope,
        runs.period_id,
        runs.source,
        runs.feature_set,
        runs.algorithm,
        selection.k,
        selection.inertia
    from {{ ref('cluster_runs') }} as runs
    inner join {{ ref('cluster_k_selection') }} as selection on runs.run_id = selection.run_id
    where runs.feature_set = 'volume' and runs.status = 'ok'

)

select
    kmeans.scope,
    kmeans.period_id,
    kmeans.source,
    kmeans.k,
    kmeans.inertia as kmeans_inertia,
    other.algorithm,
    other.inertia
from scores as kmeans
inner join scores as other
    on
        kmeans.scope = other.scope
        and kmeans.period_id = other.period_id
        and kmeans.source = other.source
        and kmeans.feature_set = other.feature_set
        and kmeans.k = other.k
where
    kmeans.algorithm = 'kmeans'
    and other.algorithm != 'kmeans'
    -- inertia is rounded to nine decimals
    and kmeans.inertia > other.inertia + 1e-8
