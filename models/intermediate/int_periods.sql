{%- set move = modules.datetime.date.fromisoformat(city('nibrs_break') or '0001-01-01') -%}
with periods as (

    select * from {{ ref('periods') }}

),

months as (

    select
        cast(date_trunc('month', date_occurred) as date) as month,
        max(date_occurred) as newest_day,
        count(*) as crimes,
        count(*) filter (where record_system = 'nibrs') as nibrs_cases
    from {{ ref('int_crimes') }}
    group by month

),

newest as (

    select
        max(newest_day) as newest_day,
        -- only NIBRS is a live feed, whose last weeks are still being filled
        max(newest_day) filter (where nibrs_cases > 0) - {{ var('short_weeks_days') }} as filled_to
    from months

),

bounded as (

    select
        periods.period_id,
        periods.period_name,
        periods.start_date,
        coalesce(periods.end_date, newest.newest_day, periods.start_date) as end_date,
        coalesce(
            extract(year from periods.start_date) = extract(year from periods.end_date), false
        ) as is_single_year,
        coalesce(
            coalesce(periods.end_date, newest.newest_day) > newest.filled_to
            and periods.start_date <= newest.newest_day,
            false
        ) as has_short_weeks
    from periods
    cross join newest

),

counted as (

    select
        bounded.*,
        (extract(year from bounded.end_date) - extract(year from bounded.start_date)) * 12
        + extract(month from bounded.end_date) - extract(month from bounded.start_date) + 1
            as months_in_period,
        count(months.month) as months_with_crimes,
        cast(coalesce(sum(months.crimes), 0) as bigint) as crimes,
        {{ rounded('sum(months.nibrs_cases) / sum(months.crimes)', 6) }} as nibrs_share,
        max(months.newest_day) as newest_crime,
        -- a city that has not moved has no day for it
        coalesce(
            bounded.start_date < {{ city_date('nibrs_break') }}
            and bounded.end_date >= {{ city_date('nibrs_break') }},
            false
        ) as crosses_nibrs_break
    from bounded
    left join months on months.month between bounded.start_date and bounded.end_date
    group by
        bounded.period_id,
        bounded.period_name,
        bounded.start_date,
        bounded.end_date,
        bounded.is_single_year,
        bounded.has_short_weeks

),

classified as (

    select
        *,
        {{ record_system_of('nibrs_share') }} as record_system
    from counted

),

final as (

    select
        period_id,
        period_name,
        start_date,
        end_date,
        months_with_crimes = months_in_period
        and {{ days_between('newest_crime', 'end_date') }} <= {{ var('whole_to_days') }}
        and not crosses_nibrs_break
        and record_system != 'both'
        and not has_short_weeks as is_complete,
        crosses_nibrs_break,
        record_system,
        nibrs_share,
        has_short_weeks,
        is_single_year,
        months_in_period,
        months_with_crimes,
        crimes
    from classified

)

select
    period_id,
    period_name,
    start_date,
    end_date,
    coalesce(is_complete, false) as is_complete,
    crosses_nibrs_break,
    record_system,
    nibrs_share,
    has_short_weeks,
    coalesce(
        is_complete and record_system in ('{{ compared_record_systems() | join("', '") }}'), false
    ) as is_comparable,
    nullif(
        concat_ws(
            '; ',
            case
                when crosses_nibrs_break or record_system = 'both'
                    then
                        'counts reports before the move to NIBRS in {{ move.strftime('%B %Y') }}'
                        || ' and cases after it'
            end,
            case
                when has_short_weeks
                    then 'its newest {{ var("short_weeks_days") }} days are still being filled'
            end
        ),
        ''
    ) as caution,
    is_single_year,
    months_in_period,
    months_with_crimes,
    crimes
from final
order by start_date asc, end_date desc
