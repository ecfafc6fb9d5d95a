-- from what the places' own profiles are made of: a tier tells nothing that its places do not
with counts as (

    select
        assignments.run_id,
        assignments.cluster_rank,
        assignments.tier,
        counts.years,
        counts.source,
        counts.characteristic,
        counts.category,
        counts.n
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('planned_runs') }} as plan on assignments.run_id = plan.run_id
    inner join {{ ref('int_profile_counts') }} as counts
        on
            assignments.scope = counts.scope
            and assignments.place_id = counts.place_id
            and plan.period_id = counts.period_id

),

tiers as (

    select
        run_id,
        cluster_rank,
        tier,
        years,
        source,
        characteristic,
        sum(n) as total
    from counts
    group by run_id, cluster_rank, tier, years, source, characteristic

),

all_places as (

    select
        run_id,
        characteristic,
        category,
        sum(n) as n,
        sum(sum(n)) over (partition by run_id, characteristic) as total
    from counts
    group by run_id, characteristic, category

),

tier_counts as (

    select
        run_id,
        cluster_rank,
        characteristic,
        category,
        nullif(sum(n), 0) as n
    from counts
    group by run_id, cluster_rank, characteristic, category

)

-- every category of the run for every tier, so that a line says nothing of whether there are any
select
    tiers.run_id,
    tiers.cluster_rank,
    tiers.tier,
    tiers.years,
    tiers.source,
    tiers.characteristic,
    all_places.category,
    cast(tier_counts.n as bigint) as n,
    round(tier_counts.n / tiers.total, 6) as share,
    round((tier_counts.n / tiers.total) / (all_places.n / all_places.total), 4) as location_quotient,
    tier_counts.n is null as is_suppressed,
    case when tier_counts.n is null then 'suppressed' else 'counted' end as cell_status
from tiers
inner join all_places
    on tiers.run_id = all_places.run_id and tiers.characteristic = all_places.characteristic
left join tier_counts
    on
        tiers.run_id = tier_counts.run_id
        and tiers.cluster_rank = tier_counts.cluster_rank
        and tiers.characteristic = tier_counts.characteristic
        and all_places.category = tier_counts.category
order by tiers.run_id, tiers.cluster_rank, tiers.characteristic, all_places.category
