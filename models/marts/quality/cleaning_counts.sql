{#- rule -> the column without which a file says nothing of it, and when it holds #}
{%- set rules = {
    'default time (00:01 or 12:00)': ['time_occurred', 'is_default_time'],
    'default date (first of a month)': ['date_occurred', 'is_default_date'],
    'reported over a year later': ['date_reported', 'is_reported_late'],
    'district not on the boundary layer': ['reporting_district', 'not is_on_boundary_layer'],
    'time unknown': ['time_occurred', "hour_band = 'unknown'"],
    'coordinates unknown': ['coordinates', 'not has_coordinates'],
    '(person) age unknown': ['person_age', "(person)_age_band = 'unknown'"],
    '(person) sex unknown': ['person_sex', "(person)_sex = 'unknown'"],
    '(person) descent unknown': ['person_descent', "(person)_descent = 'unknown'"],
} -%}

with files as (

    select
        file_name,
        string_split(columns_read, ', ') as columns_read
    from {{ ref('data_files') }}

),

{% for source, person in {'crimes': 'victim', 'arrests': 'arrestee'}.items() %}
    {{ source }}_by_file as (

        select
            incidents.file_name,
            {% for rule, told in rules.items() %}
                count(*) filter (
                    where {{ told[1] | replace('(person)', person) }}
                    {{ 'and years.year is not null' if '(person)' in rule }}
                ) as rule_{{ loop.index }},
            {% endfor %}
            count(*) as rows_in_file,
            -- over the closed years, like profiles: a count that grows by the day tells of the day's persons
            count(years.year) as rows_in_closed_years
        from {{ ref('int_' ~ source) }} as incidents
        left join {{ ref('int_closed_years') }} as years
            on
                years.source = '{{ source }}'
                and extract(year from incidents.date_occurred) = years.year
                and incidents.date_reported <= years.reported_by
        group by incidents.file_name

    ),

{% endfor %}

counted as (

    {% for source, person in {'crimes': 'victim', 'arrests': 'arrestee'}.items() %}
        {% for rule, told in rules.items() %}
            select
                '{{ source }}' as source_name,
                '{{ rule | replace('(person)', person) }}' as rule,
                list_contains(files.columns_read, '{{ told[0] }}') as is_told,
                by_file.rule_{{ loop.index }} as n,
                by_file.{{ 'rows_in_closed_years' if '(person)' in rule else 'rows_in_file' }}
            from {{ source }}_by_file as by_file
            inner join files on by_file.file_name = files.file_name

            union all

            -- a rule stands there though the source has no file
            select
                '{{ source }}' as source_name,
                '{{ rule | replace('(person)', person) }}' as rule,
                true as is_told,
                0 as n,
                0 as rows_in_file

            union all
        {% endfor %}
    {% endfor %}
    select
        null as source_name,
        null as rule,
        null as is_told,
        null as n,
        null as rows_in_file
    where false

)

select
    source_name,
    rule,
    cast(sum(case when is_told then n else 0 end) as bigint) as rows,
    cast(sum(case when is_told then rows_in_file else 0 end) as bigint) as rows_kept,
    cast(sum(case when is_told then 0 else rows_in_file end) as bigint) as rows_without_column
from counted
group by source_name, rule
order by source_name, rule
