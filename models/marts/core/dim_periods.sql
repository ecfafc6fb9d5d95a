with periods as (

    select * from {{ ref('int_periods') }}

),

-- a month that the files do not have at all is not whole either
months as (

    select
        periods.period_id,
        count(*) filter (where months.is_whole_for_crimes) as whole_for_crimes,
        count(*) filter (where months.is_whole_for_arrests) as whole_for_arrests
    from periods
    left join {{ ref('int_months') }} as months
        on months.month between periods.start_date and periods.end_date
    group by periods.period_id

)

select
    periods.period_id,
    periods.period_name,
    periods.start_date,
    periods.end_date,
    periods.is_complete,
    months.whole_for_crimes = periods.months_in_period as is_whole_for_crimes,
    months.whole_for_arrests = periods.months_in_period as is_whole_for_arrests,
    periods.crosses_nibrs_break,
    periods.record_system as record_system_of_period,
    periods.nibrs_share,
    periods.has_short_weeks,
    periods.is_comparable,
    periods.caution as caution_of_period,
    periods.is_single_year,
    periods.months_in_period,
    periods.months_with_crimes,
    periods.crimes as crimes_in_period
from periods
inner join months on periods.period_id = months.period_id
order by periods.start_date asc, periods.end_date desc
