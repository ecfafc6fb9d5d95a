with recursive profiled as (

    select distinct
        scope,
        period_id
    from {{ ref('place_profiles') }}

),

members as (

    select
        assignments.run_id,
        assignments.cluster_rank,
        assignments.tier,
        counts.source,
        counts.characteristic,
        counts.category,
        counts.n,
        profiled.period_id is not null and coalesce(profiles.is_suppressed, true) as is_hidden
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('clustering_plan') }} as plan on assignments.run_id = plan.run_id
    inner join {{ ref('int_place_counts') }} as counts
        on
            assignments.scope = counts.scope
            and assignments.place_id = counts.place_id
            and plan.period_id = counts.period_id
    left join {{ ref('place_profiles') }} as profiles
        on
            counts.scope = profiles.scope
            and counts.place_id = profiles.place_id
            and counts.period_id = profiles.period_id
            and counts.source = profiles.source
            and counts.characteristic = profiles.characteristic
            and counts.category = profiles.category
    left join profiled
        on counts.scope = profiled.scope and counts.period_id = profiled.period_id
    where counts.characteristic != 'incidents'

),

-- a tier less those of its places whose profiles show the cell is what the others have
tier_counts as (

    select
        run_id,
        cluster_rank,
        tier,
        source,
        characteristic,
        category,
        sum(n) as n,
        count(*) filter (where is_hidden) as hidden_places,
        sum(n) filter (where is_hidden) as hidden_n
    from members
    group by run_id, cluster_rank, tier, source, characteristic, category

),

{{ suppressed(
    'tier_counts',
    relations=[
        ['run_id', 'cluster_rank', 'characteristic'],
        ['run_id', 'characteristic', 'category'],
    ],
    cell=['run_id', 'cluster_rank', 'characteristic', 'category'],
    gives_away='hidden_places = 1 or coalesce(hidden_n, ' ~ var('suppression_threshold') ~ ') < '
    ~ var('suppression_threshold'),
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
