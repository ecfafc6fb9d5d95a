with periods as (

    select * from {{ ref('periods') }}

),

months as (

    select
        cast(date_trunc('month', date_occurred) as date) as month,
        max(date_occurred) as newest_day,
        count(*) as crimes
    from {{ ref('int_crimes') }}
    group by month

),

newest as (

    select max(newest_day) as newest_day from months

),

bounded as (

    select
        periods.period_id,
        periods.period_name,
        periods.start_date,
        coalesce(periods.end_date, newest.newest_day, periods.start_date) as end_date,
        coalesce(
            extract(year from periods.start_date) = extract(year from periods.end_date), false
        ) as is_single_year
    from periods
    cross join newest

),

counted as (

    select
        bounded.*,
        date_diff('month', bounded.start_date, bounded.end_date) + 1 as months_in_period,
        count(months.month) as months_with_crimes,
        cast(coalesce(sum(months.crimes), 0) as bigint) as crimes,
        max(months.newest_day) as newest_crime,
        bounded.start_date < date '{{ var("nibrs_break") }}'
        and bounded.end_date >= date '{{ var("nibrs_break") }}' as crosses_nibrs_break
    from bounded
    left join months on months.month between bounded.start_date and bounded.end_date
    group by
        bounded.period_id,
        bounded.period_name,
        bounded.start_date,
        bounded.end_date,
        bounded.is_single_year

),

final as (

    select
        period_id,
        period_name,
        start_date,
        end_date,
        months_with_crimes = months_in_period
        and date_diff('day', newest_crime, end_date) <= 7
        and not crosses_nibrs_break as is_complete,
        crosses_nibrs_break,
        is_single_year,
        months_in_period,
        months_with_crimes,
        crimes
    from counted

)

select
    period_id,
    period_name,
    start_date,
    end_date,
    coalesce(is_complete, false) as is_complete,
    crosses_nibrs_break,
    is_single_year,
    months_in_period,
    months_with_crimes,
    crimes
from final
order by start_date asc, end_date desc
