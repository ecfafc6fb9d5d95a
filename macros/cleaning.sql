{# The cleaning rules that several columns share. docs/method.md explains each. #}

{#
    `0377`, `377`, ` 377 `, `377.0` and, with separators for thousands, `1,377` are whole numbers. What is
    none is null: `1.5`, and `2.2E+08`, whose last digits a spreadsheet has thrown away.
#}
{% macro to_number(text, type='integer') -%}
    {{ return(adapter.dispatch('to_number')(text, type)) }}
{%- endmacro %}

{% macro duckdb__to_number(text, type) -%}
    {# nearly all are plain; the others take the longer way #}
    coalesce(
        case
            {# only numbers as long as identifiers are written so #}
            {%- if type == 'bigint' %}
            when contains({{ text }}, 'E') or contains({{ text }}, 'e') then null
            {%- endif %}
            when not contains({{ text }}, '.') then try_cast({{ text }} as {{ type }})
            when suffix({{ text }}, '.0') and not contains({{ text }}[:-3], '.')
                then try_cast({{ text }}[:-3] as {{ type }})
        end,
        try_cast(regexp_replace(
            regexp_extract({{ text }}, '^\s*(-?[0-9]+|-?[0-9]{1,3}([,.'' \x{A0}][0-9]{3})+)([.]0*)?\s*$', 1),
            '[^0-9-]', '', 'g'
        ) as {{ type }})
    )
{%- endmacro %}


{#
    What tells a report from all others, as text: a number without leading zeros, or letters and digits. Null
    where there is no digit, and where a spreadsheet has thrown digits away.
#}
{% macro to_identifier(text) -%}
    {%- set number = to_number(text, 'bigint') -%}
    {#- the first letter after digits is no E, as in 2E8 -#}
    {%- set lettered = '^([0-9][0-9-]*([A-DF-Z][A-Z0-9-]*)?|[A-Z][A-Z0-9-]*[0-9][A-Z0-9-]*)$' -%}
    {#- nearly all are numbers -#}
    case
        when {{ number }} > 0 then cast({{ number }} as string)
        when {{ number }} is null
            then nullif(
                regexp_extract(upper({{ trimmed(text) }}), '{{ lettered }}', 0), ''
            )
    end
{%- endmacro %}


{# An identifier with its length before it, so that texts have the order of their numbers; without it again. #}
{% macro in_order_of_number(identifier) -%}
    lpad(cast(length({{ identifier }}) as string), 2, '0') || {{ identifier }}
{%- endmacro %}

{% macro without_length(text) -%}
    substr({{ text }}, 3)
{%- endmacro %}


{# A department's code as text: a number without leading zeros, or one that ends with a letter. #}
{% macro to_offence_code(text) -%}
    coalesce(
        cast({{ to_number(text) }} as string),
        nullif(regexp_extract(upper({{ trimmed(text) }}), '^0*([0-9]{2,3}[A-Z])$', 1), '')
    )
{%- endmacro %}


{# A number with a decimal point. #}
{% macro to_double(text) -%}
    {{ return(adapter.dispatch('to_double')(text)) }}
{%- endmacro %}

{% macro duckdb__to_double(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}


{# Degrees, with a decimal point or, as spreadsheets in Europe write them, a comma. #}
{% macro to_degrees(text) -%}
    coalesce({{ to_double(text) }}, {{ to_double("replace(" ~ text ~ ", ',', '.')") }})
{%- endmacro %}


{# A text without spaces around it, be they of any width; tabs and line breaks stay. #}
{% macro trimmed(text) -%}
    {{ return(adapter.dispatch('trimmed')(text)) }}
{%- endmacro %}

{% macro duckdb__trimmed(text) -%}
    trim({{ text }})
{%- endmacro %}


{# A code of letters in capitals; null where the text is a word for nothing. #}
{% macro to_code(text) -%}
    case
        when length({{ text }}) = 1 and {{ text }} <> ' ' then upper({{ text }})
        when upper({{ trimmed(text) }}) not in ('', 'NULL', 'NAN', 'NONE', 'N/A', 'NA', '#N/A', '<NA>')
            then upper({{ trimmed(text) }})
    end
{%- endmacro %}


{#
    A time of day as a number, HHMM: from `2230`, `930`, `1315.0`, `22:30`, `22:30:00`, `10:30 PM` and,
    as spreadsheets keep a time, the part of the day that has passed (`0.9375`). 24:00 is midnight; a day before the time is passed over.
#}
{% macro to_hhmm(text) -%}
    {{ return(adapter.dispatch('to_hhmm')(text)) }}
{%- endmacro %}

{% macro duckdb__to_hhmm(text) -%}
    {%- set clock = '^\s*(?:[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[ T])?([0-9]{1,2})[:hH]([0-9]{2})(?:[:.][0-9]{2}(?:[.][0-9]+)?)?\s*(?:([AaPp])[.]?[Mm][.]?)?\s*$' -%}
    {%- set hour = "try_cast(regexp_extract(" ~ text ~ ", '" ~ clock ~ "', 1) as integer)" -%}
    {%- set minute = "try_cast(regexp_extract(" ~ text ~ ", '" ~ clock ~ "', 2) as integer)" -%}
    {%- set half = "upper(regexp_extract(" ~ text ~ ", '" ~ clock ~ "', 3))" -%}
    {%- set minutes_passed = "cast(round(try_cast(" ~ text ~ " as double) * 1440) as integer) % 1440" -%}
    case
        {# nearly all are four digits #}
        when {{ text }} <= '2359' and regexp_full_match({{ text }}, '[0-9]{4}')
            then try_cast({{ text }} as integer)
        when regexp_full_match({{ text }}, '\s*([0-9]{1,4}([.]0*)?|[12][,.][0-9]{3})\s*')
            then case {{ to_number(text) }} when 2400 then 0 else {{ to_number(text) }} end
        when regexp_full_match({{ text }}, '\s*0?[.][0-9]+\s*')
            then ({{ minutes_passed }}) // 60 * 100 + ({{ minutes_passed }}) % 60
        when {{ half }} = '' and {{ hour }} <= 24
            then {{ hour }} % 24 * 100 + {{ minute }}
        when {{ hour }} <= 12
            then ({{ hour }} % 12 + case {{ half }} when 'P' then 12 else 0 end) * 100 + {{ minute }}
    end
{%- endmacro %}


{#
    The day of a date in any form of `seeds/date_forms.csv`, with or without a time after it; null
    otherwise. order: an expression for the order of the file's column, where a form needs one; a file
    whose values do not tell it is not read at all (la_crime/inputs/dates.py).
#}
{% macro to_date(text, order) -%}
    {{ return(adapter.dispatch('to_date')(text, order)) }}
{%- endmacro %}

{% macro duckdb__to_date(text, order) -%}
    {%- set inputs = inspected_inputs() -%}
    coalesce(
        {# the usual ways to write a form, by their first characters: a quarter of the time #}
        case
            {%- for form in inputs.date_forms if form.usual %}
            when (
                {{ text }} like '{{ form.usual }} %' or {{ text }} like '{{ form.usual }}T%'
                or {{ text }} like '{{ form.usual }}'
            ) {{ in_order(form, order) }}
                then cast(try_strptime(left({{ text }}, {{ form.usual | length }}), '{{ form.usual_strptime }}') as date)
            {%- endfor %}
        end,
        {# a lambda, so that the tokens of a date are found once, and only where the usual ways fail #}
        list_transform(
            [regexp_replace(trim({{ text }}), '{{ inputs.date_tokens }}', '\1 \2 \3')],
            lambda tokens: case
                {%- for form in inputs.date_forms %}
                when regexp_full_match(tokens, '{{ form.shape }}') {{ in_order(form, order) }}
                    then {% if form.strptime == 'serial' -%}
                        date '1899-12-30' + cast(floor(try_cast(tokens as double)) as integer)
                    {%- else -%}
                        cast(try_strptime(tokens, '{{ form.strptime }}') as date)
                    {%- endif %}
                {%- endfor %}
            end
        )[1]
    )
{%- endmacro %}


{# The further condition of a form of date that needs its column's order. #}
{% macro in_order(form, order) -%}
    {%- if form.date_order -%} and {{ order }} = '{{ form.date_order }}' {%- endif -%}
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


{# Columns of text for `cleaned_incidents`, which keeps what could not be read. #}
{% macro as_written() -%}
        report_id as report_id_text,
        area_id as area_text,
        small_area as district_text,
        date_occurred as date_occurred_text,
        time_occurred as time_text,
        {{ to_code('row_kind') }} as row_kind,
        {{ to_code('row_state') }} as row_state
{%- endmacro %}


{# What a row is that has nothing in it, such as spreadsheets leave at the end of a file. #}
{% macro blank_row() %}{{ return('blank row') }}{% endmacro %}


{# How the reason begins that a rule of the city leaves a row out for, which is no fault of the file. #}
{% macro left_out() %}{{ return('left out: ') }}{% endmacro %}


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
    The query that crimes and arrests share, from typed columns to cleaned rows: every row, those that
    cannot be used with a `reject_reason`.

    source: whose rows they are; incidents: the CTE with typed columns; codes: columns that go through as they are; person: 'victim' or 'arrestee', or none where the source tells of no person; keys: what a row
    needs to be told apart, beside its report_id.
#}
{% macro cleaned_incidents(source, incidents, codes, person, keys=[]) %}
with located as (

    select
        incidents.*,
        -- longitude is the negative one, whichever comes first
        case when first_coordinate < 0 then second_coordinate else first_coordinate end as raw_lat,
        case when first_coordinate < 0 then first_coordinate else second_coordinate end as raw_lon,
        time_hhmm between 0 and 2359 and time_hhmm % 100 < 60 as is_time_valid,
        -- a small area's number begins with its area's
        coalesce(
            area_number,
            named.area_id,
            case when {{ to_code('area_text') }} is null then nullif({{ whole_quotient('small_area', 100) }}, 0) end
        ) as area_id
    from {{ incidents }} as incidents
    left join {{ ref('areas') }} as named
        on case when incidents.area_number is null then {{ to_code('incidents.area_text') }} end = upper(named.area_name)

),

geocoded as (

    select
        *,
        coalesce(
            raw_lat between {{ city('city_box').lat_min }} and {{ city('city_box').lat_max }}
            and raw_lon between {{ city('city_box').lon_min }} and {{ city('city_box').lon_max }},
            false
        ) as has_coordinates
    from located

),

judged as (

    select
        file_name,
        landing_key,

        -- ids
        report_id,
        area_id,
        small_area,
        {% for code in keys + codes %}
        {{ code }},
        {% endfor %}

        -- dates
        date_reported,
        date_occurred,
        case when is_time_valid then {{ whole_quotient('time_hhmm', 100) }} end as hour_occurred,

        {%- if person %}

        -- the {{ person }}
        case when {{ person }}_age between 1 and 120 then {{ person }}_age end as {{ person }}_age,
        case when {{ person }}_age is null then {{ person }}_age_code end as {{ person }}_age_code,
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
            {{ days_between('date_occurred', 'date_reported') }} > {{ var('late_report_days') }}, false
        ) as is_reported_late,

        -- the first fault that keeps a row from being used
        case
            when report_id is null
                {%- for key in keys %} or {{ key }} is null{% endfor %}
                then case
                    when {{ trimmed("concat_ws('', report_id_text, date_occurred_text, area_text, district_text)") }} = ''
                        then '{{ blank_row() }}'
                    else 'no usable identifier'
                end
            {%- for rule in city('left_out') or [] if rule.source == source %}
            when {{ rule.column }} in ('{{ rule['values'] | map('upper') | map('replace', "'", "''") | join("', '") }}') then '{{ left_out() ~ quoted(rule.reason) }}'
            {%- endfor %}
            when date_occurred is null then 'no usable occurrence date'
            when date_occurred > date_reported then 'occurrence after report'
            when date_occurred < {{ city_date('series_start') }} then 'occurrence before the series'
            when not coalesce(area_id in (select areas.area_id from {{ ref('areas') }} as areas), false)
                then 'no usable area'
            -- the last, because time alone mends it
            when date_occurred > {{ as_of_date() }} then '{{ in_the_future() }}'
        end as reject_reason,

        -- as written, where it could not be read
        case when coalesce(is_time_valid, false) then null else time_text end as unread_time,
        case when date_reported is null then date_reported_text end as unread_date_reported,
        date_occurred_text,
        area_text
    from geocoded

)

select
    {{ all_but(['date_occurred_text', 'area_text']) }},
    -- of what tells when and where alone: never an identifier, nor anything of a person
    case
        when reject_reason = 'no usable area' then area_text
        when reject_reason not in ('no usable identifier', '{{ blank_row() }}') then date_occurred_text
    end as rejected_value
from judged
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


{# Whether a text is a date of the kind whose order a column must tell, but none in its own column's. #}
{% macro is_in_another_order(text) -%}
    {{ return(adapter.dispatch('is_in_another_order')(text)) }}
{%- endmacro %}

{% macro duckdb__is_in_another_order(text) -%}
    {%- set inputs = inspected_inputs() -%}
    coalesce(reject_reason = 'no usable occurrence date' and list_transform(
        [regexp_replace(trim({{ text }}), '{{ inputs.date_tokens }}', '\1 \2 \3')],
        lambda tokens: false
            {%- for form in inputs.date_forms if form.date_order %}
            or (regexp_full_match(tokens, '{{ form.shape }}') and try_strptime(tokens, '{{ form.strptime }}') is not null)
            {%- endfor %}
    )[1], false)
{%- endmacro %}
