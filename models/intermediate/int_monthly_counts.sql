with records as (

    select
        'crimes' as source,
        reporting_district,
        area_id,
        cast(date_trunc('month', date_occurred) as date) as month,
        district_group as category,
        record_system,
        count(*) as incidents,
        0 as offenses
    from {{ ref('int_crimes') }}
    group by reporting_district, area_id, month, category, record_system

),

-- NIBRS names every offence of a case; the old system one charge a report
offenses as (

    select
        'crimes' as source,
        reporting_district,
        area_id,
        cast(date_trunc('month', date_occurred) as date) as month,
        district_group as category,
        'nibrs' as record_system,
        0 as incidents,
        count(*) as offenses
    from {{ ref('int_nibrs_offenses') }}
    group by reporting_district, area_id, month, category

),

arrests as (

    select
        'arrests' as source,
        reporting_district,
        area_id,
        cast(date_trunc('month', date_occurred) as date) as month,
        district_group as category,
        null as record_system,
        count(*) as incidents,
        0 as offenses
    from {{ ref('int_arrests') }}
    group by reporting_district, area_id, month, category

),

counted as (

    select * from records
    union all
    select * from offenses
    union all
    select * from arrests

)

select
    source,
    reporting_district,
    area_id,
    month,
    category,
    record_system,
    cast(sum(incidents) as bigint) as incidents,
    case when record_system = 'nibrs' then cast(sum(offenses) as bigint) end as offenses
from counted
group by source, reporting_district, area_id, month, category, record_system
order by source, reporting_district, area_id, month, category, record_system
