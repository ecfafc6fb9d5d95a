with incident_counts as (

    select * from {{ ref('int_incident_counts') }}

),

periods as (

    select
        period_id,
        extract(year from start_date) as first_year,
        coalesce(extract(year from end_date), 9999) as last_year
    from {{ ref('periods') }}

),

by_place as (

    select
        'area' as scope,
        cast(area_id as varchar) as place_id,
        source,
        year,
        characteristic,
        category,
        sum(n) as n
    from incident_counts
    where characteristic != 'district_group'
    group by area_id, source, year, characteristic, category

    union all

    -- below area level the sensitive groups are counted, but never by themselves
    select
        'district' as scope,
        cast(reporting_district as varchar) as place_id,
        source,
        year,
        case
            when characteristic != 'district_group' then characteristic
            when source = 'crimes' then 'crime_group'
            else 'charge_group'
        end as characteristic,
        category,
        sum(n) as n
    from incident_counts
    where characteristic not in ('crime_group', 'charge_group')
    group by reporting_district, source, year, characteristic, category

),

final as (

    select
        by_place.scope,
        by_place.place_id,
        periods.period_id,
        by_place.source,
        by_place.characteristic,
        by_place.category,
        cast(sum(by_place.n) as bigint) as n
    from by_place
    inner join periods on by_place.year between periods.first_year and periods.last_year
    group by
        by_place.scope,
        by_place.place_id,
        periods.period_id,
        by_place.source,
        by_place.characteristic,
        by_place.category

)

select * from final
