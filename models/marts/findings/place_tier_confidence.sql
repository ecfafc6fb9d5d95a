with own as (

    select
        run_id,
        place_id,
        bool_or(is_borderline) as is_borderline,
        max(probability) filter (where noise = 'other_year') as p_other_year,
        max(probability) filter (where noise = 'recount') as p_recount,
        max(probability) filter (where noise = 'poisson') as p_if_poisson,
        max(probability) filter (where noise = 'three_times') as p_if_three_times_poisson
    from {{ ref('measured_tier_probabilities') }}
    where is_own_tier
    group by run_id, place_id

)

select
    own.run_id,
    assignments.scope,
    own.place_id,
    assignments.tier,
    assignments.cluster_rank,
    assignments.volume,
    own.p_other_year as p_tier,
    own.is_borderline,
    own.p_recount,
    own.p_other_year,
    own.p_if_poisson,
    own.p_if_three_times_poisson,
    levels.volume_rank,
    levels.rank_low,
    levels.rank_high,
    levels.level,
    levels.level_low,
    levels.level_high,
    levels.level_rank as level_cluster_rank
from own
inner join {{ ref('cluster_assignments') }} as assignments
    on own.run_id = assignments.run_id and own.place_id = assignments.place_id
inner join {{ ref('measured_levels') }} as levels
    on own.run_id = levels.run_id and own.place_id = levels.place_id
order by own.run_id, length(own.place_id), own.place_id
