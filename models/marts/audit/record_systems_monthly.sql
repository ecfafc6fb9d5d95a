-- the hand-over from the old system to NIBRS, month by month, beside what the month usually has
with records as (

    select
        cast(date_trunc('month', date_occurred) as date) as month,
        count(*) filter (where record_system = 'legacy') as legacy_reports,
        count(*) filter (where record_system = 'nibrs') as nibrs_cases
    from {{ ref('int_crimes') }}
    group by month

),

offenses as (

    select
        cast(date_trunc('month', date_occurred) as date) as month,
        count(*) as nibrs_offenses
    from {{ ref('int_nibrs_offenses') }}
    group by month

),

both_have as (

    select
        cast(date_trunc('month', date_occurred) as date) as month,
        count(*) as in_both_systems
    from {{ ref('int_crimes_in_both_systems') }}
    group by month

),

-- the same month of the last three whole years before the break
usual as (

    select
        extract(month from month) as month_of_year,
        avg(legacy_reports) as usual_reports
    from records
    where
        month >= date_trunc('year', {{ city_date('nibrs_break') }}) - interval 3 year
        and month < date_trunc('year', {{ city_date('nibrs_break') }})
    group by month_of_year
    having count(*) = 3

),

final as (

    select
        records.month,
        records.legacy_reports,
        records.nibrs_cases,
        cast(coalesce(offenses.nibrs_offenses, 0) as bigint) as nibrs_offenses,
        cast(coalesce(both_have.in_both_systems, 0) as bigint) as in_both_systems,
        records.legacy_reports + records.nibrs_cases as crimes,
        {{ rounded('usual.usual_reports', 2) }} as usual_reports,
        {{ rounded('(records.legacy_reports + records.nibrs_cases) / usual.usual_reports', 4) }}
            as ratio_to_usual
    from records
    left join offenses on records.month = offenses.month
    left join both_have on records.month = both_have.month
    left join usual on extract(month from records.month) = usual.month_of_year

)

select * from final
order by month
