select * exclude (inputs_hash) from {{ ref('measured_concentration') }}
order by period_id, crime_group
