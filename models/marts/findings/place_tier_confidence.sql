with own as (

    select * from {{ ref('measured_tier_probabilities') }}
    where is_own_tier

)

select
    own.run_id,
    assignments.scope,
    own.place_id,
    assignments.tier,
    assignments.cluster_rank,
    assignments.volume,
    own.probability as p_tier,
    own.is_borderline
from own
inner join {{ ref('cluster_assignments') }} as assignments
    on own.run_id = assignments.run_id and own.place_id = assignments.place_id
order by own.run_id, cast(own.place_id as integer)
