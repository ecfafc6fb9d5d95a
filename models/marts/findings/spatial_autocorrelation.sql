select * from {{ ref('measured_autocorrelation') }}
order by scope, period_id, crime_group
