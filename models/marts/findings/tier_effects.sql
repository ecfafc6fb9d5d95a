with effects as (

    select * exclude (inputs_hash) from {{ ref('measured_tier_effects') }}

)

select
    effects.*,
    years.years
from effects
inner join {{ ref('planned_runs') }} as plan on effects.run_id = plan.run_id
left join {{ ref('compared_years') }} as years
    on
        plan.period_id = years.period_id
        and years.sources = 'crimes and arrests'
        and effects.characteristic = 'arrests_per_100_crimes'
order by effects.run_id, effects.characteristic
