{#-
    Windows of days end on a Saturday: weeks are whole, and two versions of the marts differ by a week at
    least, so that no day of an incident can be read off them. Longer windows are sums of the monthly facts.
-#}
{%- set windows = {
    'days_28': ('day', 28, 0),
    'days_28_before': ('day', 28, 28),
    'days_28_last_year': ('day', 28, 364),
    'year_to_date': ('year', 1, 0),
    'year_to_date_1': ('year', 1, 1),
    'year_to_date_2': ('year', 1, 2),
    'year_to_date_3': ('year', 1, 3),
    'months_12': ('month', 12, 0),
    'months_12_before': ('month', 12, 12),
} -%}
with whole_days as (

    select
        source,
        whole_through
    from {{ ref('int_whole_days') }}
    where category = 'all' and is_current

),

months as (

    {% for source in ['crimes', 'arrests'] %}
        select
            '{{ source }}' as source,
            month,
            is_whole_for_{{ source }} as is_whole
        from {{ ref('int_months') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

ends as (

    select
        whole_days.source,
        whole_days.whole_through,
        -- the Saturday on or before it
        whole_days.whole_through - cast((isodow(whole_days.whole_through) + 1) % 7 as integer) as last_day,
        max(months.month) filter (where months.is_whole) as last_month
    from whole_days
    inner join months on whole_days.source = months.source
    group by whole_days.source, whole_days.whole_through

),

windows as (

    {% for name, (unit, length, back) in windows.items() %}
        select
            source,
            whole_through,
            '{{ name }}' as window_id,
            {% if unit == 'day' %}
                true as is_of_days,
                last_day - {{ back + length - 1 }} as start_date,
                last_day - {{ back }} as end_date
            {% elif unit == 'year' %}
                false as is_of_days,
                cast(date_trunc('year', last_month) - interval {{ back }} year as date) as start_date,
                last_day(cast(last_month - interval {{ back }} year as date)) as end_date
            {% else %}
                false as is_of_days,
                cast(last_month - interval {{ back + length - 1 }} month as date) as start_date,
                last_day(cast(last_month - interval {{ back }} month as date)) as end_date
            {% endif %}
        from ends
        where last_month is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- all months that it touches are whole, but for the one that the source is whole into
touched as (

    select
        windows.source,
        windows.window_id,
        count(months.month) = date_diff('month', windows.start_date, windows.end_date) + 1
        and bool_and(months.is_whole or months.month = date_trunc('month', windows.whole_through)) as is_whole
    from windows
    left join months
        on
            windows.source = months.source
            and months.month between date_trunc('month', windows.start_date) and windows.end_date
    group by windows.source, windows.window_id, windows.start_date, windows.end_date

),

by_day as (

    select * from {{ ref('int_daily_crimes') }}

),

systems as (

    select
        windows.source,
        windows.window_id,
        sum(by_day.nibrs_cases) / sum(by_day.crimes) as nibrs_share
    from windows
    inner join by_day on by_day.date_occurred between windows.start_date and windows.end_date
    where windows.source = 'crimes'
    group by windows.source, windows.window_id

)

select
    windows.source,
    windows.window_id,
    windows.is_of_days,
    windows.start_date,
    windows.end_date,
    date_diff('day', windows.start_date, windows.end_date) + 1 as n_days,
    case windows.source
        when 'arrests' then 'any'
        else {{ record_system_of('systems.nibrs_share') }}
    end as record_system,
    coalesce(touched.is_whole, false) as is_whole
from windows
inner join touched on windows.source = touched.source and windows.window_id = touched.window_id
left join systems on windows.source = systems.source and windows.window_id = systems.window_id
order by windows.source, windows.window_id
