-- Fails with each ok run that has not exactly k tiers, numbered from 1 by falling mean volume, or calls
-- one of four by the name of another.
{{ config(store_failures=true) }}

with runs as (

    select * from {{ ref('cluster_runs') }}
    where status = 'ok'

),

tiers as (

    select
        run_id,
        cluster_rank,
        count(distinct tier) as n_names,
        min(tier) as tier,
        avg(volume) as mean_volume
    from {{ ref('cluster_assignments') }}
    group by run_id, cluster_rank

),

ordered as (

    select
        *,
        lag(mean_volume) over (partition by run_id order by cluster_rank) as mean_volume_above
    from tiers

),

checked as (

    select
        runs.run_id,
        runs.k,
        count(ordered.cluster_rank) as n_tiers,
        min(ordered.cluster_rank) as first_rank,
        max(ordered.cluster_rank) as last_rank,
        max(ordered.n_names) as names_of_a_rank,
        coalesce(bool_or(ordered.mean_volume > ordered.mean_volume_above), false) as rises_somewhere,
        string_agg(ordered.tier, ', ' order by ordered.cluster_rank) as tier_names
    from runs
    left join ordered on runs.run_id = ordered.run_id
    group by runs.run_id, runs.k

)

select *
from checked
where
    n_tiers != k
    or first_rank != 1
    or last_rank != k
    or names_of_a_rank != 1
    or rises_somewhere
    or (k = 4 and tier_names != 'high, medium-high, medium-low, low')
