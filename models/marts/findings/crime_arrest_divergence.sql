with measured as (

    select
        divergence.*,
        years.years,
        rank() over (place_group order by divergence.crimes desc) as crime_rank,
        rank() over (place_group order by divergence.arrests desc) as arrest_rank
    from {{ ref('measured_divergence') }} as divergence
    inner join {{ ref('compared_years') }} as years
        on divergence.period_id = years.period_id and years.sources = 'crimes and arrests'
    window
        place_group as (
            partition by divergence.scope, divergence.period_id, divergence.matched_group
        )

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
    crime_rank - arrest_rank as rank_shift,
    years,
    case
        when crimes = 0 then 'not applicable'
        when arrests = 0 then 'zero'
        else 'counted'
    end as cell_status
from measured
order by scope, period_id, crime_group, length(place_id), place_id
