select * from {{ ref('measured_concentration') }}
order by period_id, crime_group
