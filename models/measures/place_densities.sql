-- crimes per square kilometre, a group at a time and all together
select
    counts.scope,
    counts.place_id,
    counts.period_id,
    case when counts.characteristic = 'incidents' then 'all' else counts.category end as crime_group,
    counts.n,
    places.area_km2,
    counts.n / places.area_km2 as value
from {{ ref('int_place_counts') }} as counts
inner join {{ ref('int_places') }} as places
    on counts.scope = places.scope and counts.place_id = places.place_id
inner join {{ ref('int_periods') }} as periods on counts.period_id = periods.period_id
left join {{ ref('main_runs') }} as main_runs
    on counts.scope = main_runs.scope and counts.period_id = main_runs.period_id
where
    counts.source = 'crimes'
    and counts.characteristic in ('incidents', 'crime_group')
    and counts.category != 'unclassified'
    and places.is_on_boundary_layer
    and (periods.is_complete or main_runs.period_id is not null)
order by counts.scope, counts.period_id, crime_group, counts.place_id
