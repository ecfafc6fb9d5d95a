-- Business understanding: how many crimes were recorded and arrests made each year, and how did
-- the numbers change? A year that is not complete, or that crosses the move to NIBRS, is not to be
-- compared with another. One row per year.
with periods as (

    select * from {{ ref('dim_periods') }}
    where period_id = cast(extract(year from start_date) as varchar)

),

crimes as (

    select
        cast(extract(year from month) as varchar) as period_id,
        sum(crimes) as crimes
    from {{ ref('fct_crimes_monthly') }}
    group by period_id

),

arrests as (

    select
        cast(extract(year from month) as varchar) as period_id,
        sum(arrests) as arrests
    from {{ ref('fct_arrests_monthly') }}
    group by period_id

),

yearly as (

    select
        periods.period_id,
        periods.is_complete,
        periods.crosses_nibrs_break,
        crimes.crimes,
        arrests.arrests,
        lag(crimes.crimes) over (order by periods.start_date) as crimes_before,
        lag(periods.is_complete) over (order by periods.start_date) as is_complete_before
    from periods
    left join crimes on periods.period_id = crimes.period_id
    left join arrests on periods.period_id = arrests.period_id

),

final as (

    select
        period_id,
        crimes,
        arrests,
        case
            when is_complete and is_complete_before then round(crimes / crimes_before - 1, 4)
        end as crimes_change_on_year_before,
        is_complete,
        crosses_nibrs_break
    from yearly
    where crimes is not null or arrests is not null

)

select * from final
order by period_id
