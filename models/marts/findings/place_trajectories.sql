select * from {{ ref('measured_trajectories') }}
order by scope, cast(place_id as integer)
