with tier_counts as (

    select
        assignments.run_id,
        assignments.cluster_rank,
        assignments.tier,
        counts.source,
        counts.characteristic,
        counts.category,
        sum(counts.n) as n
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('clustering_plan') }} as plan on assignments.run_id = plan.run_id
    inner join {{ ref('int_place_counts') }} as counts
        on
            assignments.scope = counts.scope
            and assignments.place_id = counts.place_id
            and plan.period_id = counts.period_id
    where counts.characteristic != 'incidents'
    group by
        assignments.run_id,
        assignments.cluster_rank,
        assignments.tier,
        counts.source,
        counts.characteristic,
        counts.category

),

{{ suppressed(
    'tier_counts',
    relations=[
        ['run_id', 'cluster_rank', 'characteristic'],
        ['run_id', 'characteristic', 'category'],
    ],
    cell=['run_id', 'cluster_rank', 'characteristic', 'category'],
) }},

totals as (

    select
        *,
        sum(n) over (partition by run_id, cluster_rank, characteristic) as tier_total,
        sum(n) over (partition by run_id, characteristic, category) as all_n,
        sum(n) over (partition by run_id, characteristic) as all_total
    from suppressed

)

select
    run_id,
    cluster_rank,
    tier,
    source,
    characteristic,
    category,
    case when not is_suppressed then cast(n as bigint) end as n,
    case when not is_suppressed then round(n / tier_total, 6) end as share,
    case
        when not is_suppressed then round((n / tier_total) / (all_n / all_total), 4)
    end as location_quotient,
    is_suppressed
from totals
order by run_id, cluster_rank, characteristic, category
