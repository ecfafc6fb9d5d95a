-- Results: for the groups of crimes and of charges that can be compared, where are there many or few
-- arrests for each 100 crimes, beside the city as a whole? In 2017; a pair of fewer than 10 crimes or
-- arrests is left out. One row per crime group and area.
with crimes as (

    select
        area_id,
        crime_group,
        sum(crimes) as crimes
    from {{ ref('fct_crimes_monthly') }}
    where extract(year from month) = 2017
    group by area_id, crime_group

),

arrests as (

    select
        arrests.area_id,
        charge_groups.matched_crime_group as crime_group,
        sum(arrests.arrests) as arrests
    from {{ ref('fct_arrests_monthly') }} as arrests
    inner join {{ ref('dim_charge_groups') }} as charge_groups
        on arrests.charge_group = charge_groups.charge_group
    where extract(year from arrests.month) = 2017 and charge_groups.matched_crime_group is not null
    group by arrests.area_id, charge_groups.matched_crime_group

),

areas as (

    select * from {{ ref('dim_places') }}
    where scope = 'area'

),

paired as (

    select
        crimes.area_id,
        crimes.crime_group,
        crimes.crimes,
        arrests.arrests,
        100 * arrests.arrests / crimes.crimes as arrests_per_100_crimes,
        100 * sum(arrests.arrests) over city / sum(crimes.crimes) over city
            as arrests_per_100_crimes_city
    from crimes
    inner join arrests
        on crimes.area_id = arrests.area_id and crimes.crime_group = arrests.crime_group
    window city as (partition by crimes.crime_group)

),

final as (

    select
        paired.crime_group,
        areas.place_name,
        paired.crimes,
        paired.arrests,
        round(paired.arrests_per_100_crimes, 1) as arrests_per_100_crimes,
        round(paired.arrests_per_100_crimes_city, 1) as arrests_per_100_crimes_city,
        round(paired.arrests_per_100_crimes / paired.arrests_per_100_crimes_city, 2) as ratio_to_city
    from paired
    inner join areas on paired.area_id = areas.area_id
    where paired.crimes >= 10 and paired.arrests >= 10

)

select * from final
order by crime_group asc, ratio_to_city desc, place_name asc
