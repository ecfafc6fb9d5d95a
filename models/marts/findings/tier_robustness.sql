select * from {{ ref('measured_robustness') }}
order by scope, cast(place_id as integer)
