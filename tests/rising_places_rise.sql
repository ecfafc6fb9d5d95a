-- Fails with each place that is called rising or falling while its share does not.
{{ config(store_failures=true) }}

select
    scope,
    place_id,
    trajectory,
    slope_per_year,
    fitted_ratio
from {{ ref('place_trajectories') }}
where
    (trajectory = 'rising' and not coalesce(slope_per_year > 0 and fitted_ratio > 1, false))
    or (trajectory = 'falling' and not coalesce(slope_per_year < 0 and fitted_ratio < 1, false))
