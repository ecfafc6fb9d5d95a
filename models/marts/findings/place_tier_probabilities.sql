with tiers as (

    select distinct
        run_id,
        scope,
        cluster_rank,
        tier
    from {{ ref('cluster_assignments') }}

)

select
    probabilities.run_id,
    tiers.scope,
    probabilities.place_id,
    probabilities.noise,
    probabilities.cluster_rank,
    tiers.tier,
    probabilities.probability
from {{ ref('measured_tier_probabilities') }} as probabilities
inner join tiers
    on
        probabilities.run_id = tiers.run_id
        and probabilities.cluster_rank = tiers.cluster_rank
order by
    probabilities.run_id,
    length(probabilities.place_id), probabilities.place_id,
    probabilities.noise,
    probabilities.cluster_rank
