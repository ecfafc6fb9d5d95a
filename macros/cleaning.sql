{# The cleaning rules that several columns share. docs/method.md explains each. #}

{# `0377`, `377`, ` 377 ` and `377.0` are the same number; what is no number is null. #}
{% macro to_number(text, type='integer') -%}
    try_cast(trim({{ text }}) as {{ type }})
{%- endmacro %}


{#
    The day of a date in any form that the files have: ISO (`2020-01-31`, with or without a time
    after `T` or a space) and American (`1/31/2020`, with or without a time); null otherwise.
#}
{% macro to_date(text) -%}
    {{ return(adapter.dispatch('to_date')(text)) }}
{%- endmacro %}

{% macro duckdb__to_date(text) -%}
    case
        when {{ text }} like '____-__-__' or {{ text }} like '____-__-__T%' or {{ text }} like '____-__-__ %'
            then try_cast(left({{ text }}, 10) as date)
        else try_strptime(split_part(trim({{ text }}), ' ', 1), '%m/%d/%Y')::date
    end
{%- endmacro %}


{# The n-th number in a text such as `(34.05, -118.24)` or `POINT (-118.24 34.05)`. #}
{% macro nth_number(text, n) -%}
    {{ return(adapter.dispatch('nth_number')(text, n)) }}
{%- endmacro %}

{% macro duckdb__nth_number(text, n) -%}
    try_cast(regexp_extract_all({{ text }}, '-?[0-9]+(\.[0-9]+)?')[{{ n }}] as double)
{%- endmacro %}


{# The day after which a date lies in the future. #}
{% macro as_of_date() -%}
    date '{{ var("as_of_date") or run_started_at.strftime("%Y-%m-%d") }}'
{%- endmacro %}


{# The reason to reject what has not happened yet. #}
{% macro in_the_future() %}{{ return('occurrence date in the future') }}{% endmacro %}


{# Four parts of the day, from an hour of 0 to 23. #}
{% macro hour_band(hour) -%}
    case
        when {{ hour }} is null then 'unknown'
        when {{ hour }} < 6 then 'night (0-5)'
        when {{ hour }} < 12 then 'morning (6-11)'
        when {{ hour }} < 18 then 'afternoon (12-17)'
        else 'evening (18-23)'
    end
{%- endmacro %}


{# Ages in years, in bands. #}
{% macro age_band(age) -%}
    case
        when {{ age }} is null then 'unknown'
        when {{ age }} < 18 then 'under 18'
        when {{ age }} < 25 then '18-24'
        when {{ age }} < 35 then '25-34'
        when {{ age }} < 45 then '35-44'
        when {{ age }} < 55 then '45-54'
        when {{ age }} < 65 then '55-64'
        else '65 and over'
    end
{%- endmacro %}


{#
    The CTEs that crimes and arrests share, from typed columns to cleaned rows: `cleaned` has every
    row, those that cannot be used with a `reject_reason`.

    incidents: the CTE with typed columns; codes: columns that go through as they are;
    person: 'victim' or 'arrestee', or none where the source tells of no person; keys: what a row
    needs to be told apart, beside its report_id.
#}
{% macro cleaned_incidents(incidents, codes, person, keys=[]) %}
located as (

    select
        *,
        -- longitude is the negative one, whichever comes first
        case when first_coordinate < 0 then second_coordinate else first_coordinate end as raw_lat,
        case when first_coordinate < 0 then first_coordinate else second_coordinate end as raw_lon,
        time_hhmm between 0 and 2359 and time_hhmm % 100 < 60 as is_time_valid
    from {{ incidents }}

),

boxed as (

    select
        *,
        coalesce(
            raw_lat between {{ var('city_box').lat_min }} and {{ var('city_box').lat_max }}
            and raw_lon between {{ var('city_box').lon_min }} and {{ var('city_box').lon_max }},
            false
        ) as has_coordinates
    from located

),

cleaned as (

    select
        file_name,
        landing_key,

        -- ids
        report_id,
        area_id,
        reporting_district,
        {% for code in keys + codes %}
        {{ code }},
        {% endfor %}

        -- dates
        date_reported,
        date_occurred,
        case when is_time_valid then time_hhmm // 100 end as hour_occurred,

        {%- if person %}

        -- the {{ person }}
        case when {{ person }}_age between 1 and 120 then {{ person }}_age end as {{ person }}_age,
        {{ person }}_sex_code,
        {{ person }}_descent_code,
        {%- endif %}

        -- the place
        case when has_coordinates then raw_lat end as lat,
        case when has_coordinates then raw_lon end as lon,

        -- flags: suspect, but kept
        coalesce(is_time_valid and time_hhmm in (1, 1200), false) as is_default_time,
        coalesce(extract(day from date_occurred) = 1, false) as is_default_date,
        coalesce(
            date_diff('day', date_occurred, date_reported) > {{ var('late_report_days') }}, false
        ) as is_reported_late,

        -- the first fault that keeps a row from being used
        case
            when report_id is null or report_id <= 0
                {%- for key in keys %} or {{ key }} is null{% endfor %} then 'no usable identifier'
            when date_occurred is null then 'no usable occurrence date'
            when date_occurred > date_reported then 'occurrence after report'
            when date_occurred < date '{{ var("series_start") }}' then 'occurrence before the series'
            when not coalesce(area_id in (select areas.area_id from {{ ref('areas') }} as areas), false)
                then 'no usable area'
            -- the last, because time alone mends it
            when date_occurred > {{ as_of_date() }} then '{{ in_the_future() }}'
        end as reject_reason
    from boxed

)
{% endmacro %}


{# Every whole number from one to another, a row each. #}
{% macro each_number(first, last) -%}
    {{ return(adapter.dispatch('each_number')(first, last)) }}
{%- endmacro %}

{% macro duckdb__each_number(first, last) -%}
    unnest(range({{ first }}, {{ last }} + 1))
{%- endmacro %}


{# The day of the week, in English. #}
{% macro weekday(day) -%}
    {{ return(adapter.dispatch('weekday')(day)) }}
{%- endmacro %}

{% macro duckdb__weekday(day) -%}
    dayname({{ day }})
{%- endmacro %}
