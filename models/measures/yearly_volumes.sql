-- single years only: a longer period is the sum of its years
with comparable as (

    select min(start_date) as first_day
    from {{ ref('int_periods') }}
    where is_single_year and is_comparable

)

select
    counts.scope,
    counts.place_id,
    counts.period_id,
    cast(extract(year from periods.start_date) as integer) as year,
    counts.source,
    counts.n as volume,
    periods.is_comparable,
    coalesce(places.ground_since <= comparable.first_day, true) as is_same_ground
from {{ ref('int_place_counts') }} as counts
inner join {{ ref('int_periods') }} as periods on counts.period_id = periods.period_id
inner join {{ ref('int_places') }} as places
    on counts.scope = places.scope and counts.place_id = places.place_id
cross join comparable
where
    counts.characteristic = 'incidents'
    and periods.is_single_year
    and places.is_on_boundary_layer
order by counts.scope, counts.source, periods.start_date, counts.place_id
