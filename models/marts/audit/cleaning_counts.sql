{%- set sources = {'crimes': 'victim', 'arrests': 'arrestee'} -%}
{#- each rule, the column without which a file says nothing of it, its rows, and among which they are -#}
{%- set rules = [
    ("'default time (00:01 or 12:00)'", 'time_occurred', 'n_default_time', 'n_all'),
    ("'default date (first of a month)'", 'date_occurred', 'n_default_date', 'n_all'),
    ("'reported over a year later'", 'date_reported', 'n_late', 'n_all'),
    ("'district not on the boundary layer'", 'small_area', 'n_off_map', 'n_all'),
    ("'time unknown'", 'time_occurred', 'n_without_time', 'n_all'),
    ("'coordinates unknown'", 'coordinates', 'n_without_coordinates', 'n_all'),
    ("person || ' age unknown'", 'person_age', 'n_without_age', 'n_closed'),
    ("person || ' sex unknown'", 'person_sex', 'n_without_sex', 'n_closed'),
    ("person || ' descent unknown'", 'person_descent', 'n_without_descent', 'n_closed'),
] -%}

with files as (

    select
        file_name,
        columns_read
    from {{ ref('data_files') }}

),

incidents as (

    {% for source, person in sources.items() %}
        select
            '{{ source }}' as source_name,
            file_name,
            date_occurred,
            date_reported,
            hour_band,
            {{ person }}_age_band as age_band,
            {{ person }}_sex as sex,
            {{ person }}_descent as descent,
            is_on_boundary_layer,
            has_coordinates,
            is_default_time,
            is_default_date,
            is_reported_late
        from {{ ref('int_' ~ source) }}

        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- a source without a file has a row too, so that its rules stand there
by_file as (

    select
        sources.source_name,
        sources.person,
        incidents.file_name,
        count(incidents.file_name) as n_all,
        count(*) filter (where incidents.is_default_time) as n_default_time,
        count(*) filter (where incidents.is_default_date) as n_default_date,
        count(*) filter (where incidents.is_reported_late) as n_late,
        count(*) filter (where not incidents.is_on_boundary_layer) as n_off_map,
        count(*) filter (where incidents.hour_band = 'unknown') as n_without_time,
        count(*) filter (where not incidents.has_coordinates) as n_without_coordinates,
        -- over the closed years, like profiles: a count that grows by the day tells of the day's persons
        count(years.year) as n_closed,
        count(years.year) filter (where incidents.age_band = 'unknown') as n_without_age,
        count(years.year) filter (where incidents.sex = 'unknown') as n_without_sex,
        count(years.year) filter (where incidents.descent = 'unknown') as n_without_descent
    from (
        values
        {% for source, person in sources.items() %}
            ('{{ source }}', '{{ person }}'){{ ',' if not loop.last }}
        {% endfor %}
    ) as sources (source_name, person)
    left join incidents on sources.source_name = incidents.source_name
    left join {{ ref('int_closed_years') }} as years
        on
            incidents.source_name = years.source
            and extract(year from incidents.date_occurred) = years.year
            and incidents.date_reported <= years.reported_by
    group by sources.source_name, sources.person, incidents.file_name

),

by_rule as (

    {% for rule, column_name, n, n_kept in rules %}
        select
            source_name,
            file_name,
            {{ rule }} as rule,
            '{{ column_name }}' as column_name,
            {{ n }} as n,
            {{ n_kept }} as n_kept
        from by_file

        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        by_rule.*,
        coalesce(contains(', ' || files.columns_read || ',', ', ' || by_rule.column_name || ','), false)
            as has_column
    from by_rule
    left join files on by_rule.file_name = files.file_name

)

select
    source_name,
    rule,
    cast(sum(case when has_column then n else 0 end) as bigint) as rows,
    cast(sum(case when has_column then n_kept else 0 end) as bigint) as rows_kept,
    cast(sum(case when has_column then 0 else n_kept end) as bigint) as rows_without_column
from final
group by source_name, rule
order by source_name, rule
