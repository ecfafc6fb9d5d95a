with records as (

    select
        reporting_district,
        area_id,
        cast(date_trunc('month', date_occurred) as date) as month,
        district_group as crime_group,
        record_system,
        count(*) as crimes,
        0 as offenses
    from {{ ref('int_crimes') }}
    group by reporting_district, area_id, month, district_group, record_system

),

-- NIBRS names every offence of a case; the old system one charge a report
offenses as (

    select
        reporting_district,
        area_id,
        cast(date_trunc('month', date_occurred) as date) as month,
        district_group as crime_group,
        'nibrs' as record_system,
        0 as crimes,
        count(*) as offenses
    from {{ ref('int_nibrs_offenses') }}
    group by reporting_district, area_id, month, district_group

),

counted as (

    select * from records
    union all
    select * from offenses

)

select
    reporting_district,
    area_id,
    month,
    crime_group,
    record_system,
    cast(sum(crimes) as bigint) as crimes,
    case when record_system = 'nibrs' then cast(sum(offenses) as bigint) end as offenses
from counted
group by reporting_district, area_id, month, crime_group, record_system
order by reporting_district, area_id, month, crime_group, record_system
