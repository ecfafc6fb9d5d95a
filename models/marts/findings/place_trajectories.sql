select * exclude (inputs_hash) from {{ ref('measured_trajectories') }}
order by scope, cast(place_id as integer)
