{%- set closed = var('closed_years') -%}
with reports as (

    {% for source in ['crimes', 'arrests'] %}
        select
            '{{ source }}' as source,
            extract(year from date_occurred) as year,
            max(date_reported) as newest_report
        from {{ ref('int_' ~ source) }}
        group by year
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

dated as (

    select
        source,
        cast(year as integer) as year,
        -- the days before the first ones of so many months later
        cast(make_date(year + 1, 1, 1) + interval '{{ closed.reported_within_months }} months' as date) - 1
            as reported_by,
        cast(make_date(year + 1, 1, 1) + interval '{{ closed.settled_after_months }} months' as date) - 1
            as settled_on,
        max(newest_report) over (partition by source) as newest_report
    from reports

)

-- by what the files say and not by the calendar: files that end in a year have not closed it
select
    source,
    year,
    reported_by
from dated
where newest_report >= settled_on
