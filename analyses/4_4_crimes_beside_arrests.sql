-- Results: where do recorded crimes and arrests differ? Arrests per 100 crimes in each area, over the
-- years that can be compared and have both, beside the city's. An arrest need not belong to a crime of
-- the same place or year, and many have no victim who reports: this measures enforcement. One row per
-- area.
select
    places.place_name,
    divergence.years,
    divergence.crimes,
    divergence.arrests,
    round(divergence.arrests_per_100_crimes, 1) as arrests_per_100_crimes,
    round(100 * sum(divergence.arrests) over () / sum(divergence.crimes) over (), 1)
        as arrests_per_100_crimes_city,
    divergence.crime_rank,
    divergence.arrest_rank
from {{ ref('crime_arrest_divergence') }} as divergence
inner join {{ ref('dim_places') }} as places
    on divergence.scope = places.scope and divergence.place_id = places.place_id
where
    divergence.scope = 'area'
    and divergence.period_id = 'all'
    and divergence.crime_group = 'all'
order by divergence.arrests_per_100_crimes desc nulls last, places.place_name asc
