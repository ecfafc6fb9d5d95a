-- Results: for the groups of crimes and of charges that can be compared, where are there many or few
-- arrests for each 100 crimes, beside the city as a whole? In 2017; a pair of fewer than 10 crimes or
-- arrests is left out. One row per crime group and area.
with rated as (

    select
        *,
        100 * sum(arrests) over (partition by crime_group)
        / sum(crimes) over (partition by crime_group) as arrests_per_100_crimes_city
    from {{ ref('crime_arrest_divergence') }}
    where scope = 'area' and period_id = '2017' and crime_group != 'all'

)

select
    rated.crime_group,
    places.place_name,
    rated.crimes,
    rated.arrests,
    round(rated.arrests_per_100_crimes, 1) as arrests_per_100_crimes,
    round(rated.arrests_per_100_crimes_city, 1) as arrests_per_100_crimes_city,
    round(rated.arrests_per_100_crimes / rated.arrests_per_100_crimes_city, 2) as ratio_to_city
from rated
inner join {{ ref('dim_places') }} as places
    on rated.scope = places.scope and rated.place_id = places.place_id
where rated.crimes >= 10 and rated.arrests >= 10
order by rated.crime_group asc, ratio_to_city desc, places.place_name asc
