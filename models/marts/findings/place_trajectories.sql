select * exclude (inputs_hash) from {{ ref('measured_trajectories') }}
order by scope, length(place_id), place_id
