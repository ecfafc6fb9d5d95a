select
    scope,
    place_id,
    headline_rank,
    headline_tier,
    round(avg(cast(keeps_tier as integer)), 9) as share_agreeing,
    count(*) as n_specifications
from {{ ref('measured_robustness') }}
group by scope, place_id, headline_rank, headline_tier
order by scope, length(place_id), place_id
