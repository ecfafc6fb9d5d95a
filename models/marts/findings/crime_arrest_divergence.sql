with measured as (

    select
        *,
        rank() over (partition by scope, period_id, matched_group order by crimes desc) as crime_rank,
        rank() over (partition by scope, period_id, matched_group order by arrests desc) as arrest_rank
    from {{ ref('measured_divergence') }}

)

select
    scope,
    place_id,
    period_id,
    matched_group as crime_group,
    crimes,
    arrests,
    round(arrests_per_100_crimes, 4) as arrests_per_100_crimes,
    round(ci_low, 4) as ci_low,
    round(ci_high, 4) as ci_high,
    crime_rank,
    arrest_rank,
    crime_rank - arrest_rank as rank_shift
from measured
order by scope, period_id, crime_group, cast(place_id as integer)
