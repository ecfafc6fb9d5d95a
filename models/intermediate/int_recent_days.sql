{#-
    What windows of days reach back to from the newest day: reports that take `late_report_days`, the weeks that
    are still being filled, and the same weeks of the year before.
-#}
{%- set days_back = var('late_report_days') + var('short_weeks_days') + 364 + 2 * 28 -%}

{% for source in ['crimes', 'arrests'] %}
    select
        '{{ source }}' as source,
        area_id,
        small_area,
        district_group,
        date_occurred,
        count(*) as n
    from {{ ref('int_' ~ source) }}
    where
        date_occurred >= (
            select max(newest.date_occurred) - {{ days_back }} from {{ ref('int_' ~ source) }} as newest
        )
    group by area_id, small_area, district_group, date_occurred

    {{ 'union all' if not loop.last }}
{% endfor %}
