-- Fails with each place that is called rising or falling while its share does not, or by a tier that it
-- never had, or whose slope is outside its interval.
{{ config(store_failures=true) }}

select
    scope,
    place_id,
    trajectory,
    slope_per_year,
    fitted_ratio
from {{ ref('place_trajectories') }} as trajectories
where
    (trajectory = 'rising' and not coalesce(slope_per_year > 0 and fitted_ratio > 1, false))
    or (trajectory = 'falling' and not coalesce(slope_per_year < 0 and fitted_ratio < 1, false))
    or slope_per_year not between ci_low and ci_high
    or (
        trajectory like 'always %'
        and not exists (
            select 1
            from {{ ref('yearly_tiers') }} as years
            where
                trajectories.scope = years.scope
                and trajectories.place_id = years.place_id
                and trajectories.trajectory = 'always ' || years.tier
        )
    )
