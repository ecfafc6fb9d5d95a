-- what made the clusters of each run, and so cannot be tested between them
select
    run_id,
    case source when 'crimes' then 'crime_group' else 'charge_group' end as characteristic
from {{ ref('planned_runs') }}
where feature_set in ('type_counts', 'mix')

union all

select
    run_id,
    'crimes_per_km2' as characteristic
from {{ ref('planned_runs') }}
where feature_set in ('type_counts', 'volume') and source = 'crimes'
order by run_id, characteristic
