select * from {{ ref('measured_local_clusters') }}
order by scope, period_id, crime_group, length(place_id), place_id
