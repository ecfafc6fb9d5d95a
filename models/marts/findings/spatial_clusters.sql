select * from {{ ref('measured_local_clusters') }}
order by scope, period_id, crime_group, cast(place_id as integer)
