{%- set rules = {
    'default time (00:01 or 12:00)': 'is_default_time',
    'default date (first of a month)': 'is_default_date',
    'reported over a year later': 'is_reported_late',
    'district not on the boundary layer': 'not is_on_boundary_layer',
    'time unknown': "hour_band = 'unknown'",
    'coordinates unknown': 'not has_coordinates',
} -%}
{%- set person_rules = {
    'age unknown': "age_band = 'unknown'",
    'sex unknown': "sex = 'unknown'",
    'descent unknown': "descent = 'unknown'",
} -%}
{%- for source, person in {'crimes': 'victim', 'arrests': 'arrestee'}.items() %}
    {%- set source_loop = loop %}
    {%- for rule, condition in rules.items() %}
        select
            '{{ source }}' as source_name,
            '{{ rule }}' as rule,
            count(*) filter (where {{ condition }}) as rows,
            count(*) as rows_kept
        from {{ ref('int_' ~ source) }}

        union all
    {%- endfor %}
    {%- for rule, condition in person_rules.items() %}

        -- over the closed years, like profiles: a count that grows by the day tells of the day's persons
        select
            '{{ source }}' as source_name,
            '{{ person }} {{ rule }}' as rule,
            count(*) filter (where incidents.{{ person }}_{{ condition }}) as rows,
            count(*) as rows_kept
        from {{ ref('int_' ~ source) }} as incidents
        inner join {{ ref('int_closed_years') }} as years
            on
                years.source = '{{ source }}'
                and extract(year from incidents.date_occurred) = years.year
                and incidents.date_reported <= years.reported_by
        {{ 'union all' if not (loop.last and source_loop.last) }}
    {%- endfor %}
{% endfor %}
order by source_name, rule
