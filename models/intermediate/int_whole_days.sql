{%- set longest = var('late_report_days') -%}
-- How long reports take, and through which day of occurrence a group is whole. A late report is only seen
-- once it is made, so that delays are taken as hazards in reversed time: of the reports of a day that took no
-- longer than d days, those that took d (Kalbfleisch and Lawless 1989).
with crimes as (

    select
        record_system,
        district_group,
        date_occurred,
        date_reported
    from {{ ref('int_crimes') }}

),

feeds as (

    select
        record_system,
        max(date_reported) as newest_report,
        max(date_occurred) as newest_day
    from crimes
    group by record_system

),

counts as (

    select
        crimes.record_system,
        crimes.district_group,
        {{ days_between('crimes.date_occurred', 'crimes.date_reported') }} as delay,
        {{ days_between('crimes.date_occurred', 'feeds.newest_report') }} as days_seen,
        count(*) as n
    from crimes
    inner join feeds on crimes.record_system = feeds.record_system
    where
        crimes.date_occurred >= feeds.newest_report - 2 * {{ longest }}
        and {{ days_between('crimes.date_occurred', 'crimes.date_reported') }} <= {{ longest }}
    group by all

),

by_category as (

    select
        counts.record_system,
        categories.category,
        counts.delay,
        counts.days_seen,
        sum(counts.n) as n
    from counts
    inner join {{ ref('int_counted_categories') }} as categories
        on categories.source = 'crimes' and counts.district_group = categories.member
    group by all

),

-- at risk of a delay of so many days: reports that took no longer, of days that were seen for as long
events as (

    select
        record_system,
        category,
        delay as n_days,
        n as taken,
        n as net
    from by_category

    union all

    select
        record_system,
        category,
        days_seen + 1 as n_days,
        0 as taken,
        -n as net
    from by_category
    where days_seen < {{ longest }}

),

by_days as (

    select
        record_system,
        category,
        n_days,
        sum(taken) as taken,
        sum(sum(net)) over (partition by record_system, category order by n_days) as at_risk
    from events
    group by record_system, category, n_days

),

shares as (

    select
        record_system,
        category,
        n_days,
        taken,
        -- of what is ever reported, the share that is within so many days; none yet is no logarithm of nought
        coalesce(
            exp(
                sum(ln(greatest(1 - taken / at_risk, 1e-9))) over (
                    partition by record_system, category
                    order by n_days desc
                    rows between unbounded preceding and 1 preceding
                )
            ),
            1
        ) as share_in
    from by_days
    where taken > 0

),

delays as (

    select
        record_system,
        category,
        cast(
            min(n_days) filter (where round(share_in, 9) >= {{ var('whole_share') }}) as integer
        ) as delay_days,
        sum(taken) as reports
    from shares
    group by record_system, category

),

categories as (

    select distinct
        source,
        category
    from {{ ref('int_counted_categories') }}

),

newest_arrest as (

    select max(date_occurred) as newest_day from {{ ref('int_arrests') }}

),

crime_days as (

    select
        'crimes' as source,
        feeds.record_system,
        categories.category,
        feeds.newest_report,
        feeds.newest_day,
        coalesce(own.reports >= {{ var('min_reports_of_delay') }}, false) as is_delay_own,
        case
            when own.reports >= {{ var('min_reports_of_delay') }} then own.delay_days
            else of_all.delay_days
        end as delay_days,
        -- only NIBRS is a live feed, whose newest reports are still being entered
        case feeds.record_system when 'nibrs' then {{ var('short_weeks_days') }} else 0 end as entry_days
    from feeds
    cross join categories
    left join delays as own
        on feeds.record_system = own.record_system and categories.category = own.category
    left join delays as of_all
        on feeds.record_system = of_all.record_system and of_all.category = 'all'
    where categories.source = 'crimes'

),

-- arrests have no day of report of their own: their newest weeks are taken for short, as the live feed's
arrest_days as (

    select
        'arrests' as source,
        'any' as record_system,
        categories.category,
        newest_arrest.newest_day as newest_report,
        newest_arrest.newest_day,
        false as is_delay_own,
        cast(null as integer) as delay_days,
        {{ var('short_weeks_days') }} as entry_days
    from newest_arrest
    cross join categories
    where categories.source = 'arrests' and newest_arrest.newest_day is not null

),

days as (

    select * from crime_days
    union all
    select * from arrest_days

)

select
    source,
    record_system,
    category,
    newest_report,
    is_delay_own,
    delay_days,
    -- never the newest day, of which not all can be in
    least(newest_report - coalesce(delay_days, 0) - entry_days, newest_report - 1, newest_day - 1)
        as whole_through,
    newest_report = max(newest_report) over (partition by source) as is_current
from days
order by source, record_system, category
