{%- set characteristics = {
    'crimes': [
        'crime_group', 'district_group', 'premise_type', 'weapon_kind', 'hour_band', 'weekday',
        'victim_age_band', 'victim_sex', 'victim_descent',
    ],
    'arrests': [
        'charge_group', 'district_group', 'arrest_type', 'hour_band', 'weekday',
        'arrestee_age_band', 'arrestee_sex', 'arrestee_descent',
    ],
} -%}
{%- for source, columns in characteristics.items() %}
    select
        '{{ source }}' as source,
        area_id,
        reporting_district,
        extract(year from date_occurred) as year,
        'incidents' as characteristic,
        'all' as category,
        count(*) as n
    from {{ ref('int_' ~ source) }}
    group by area_id, reporting_district, year
    {%- for column in columns %}
        {#- one name, one meaning: hours and weekdays of crimes and of arrests are different things #}
        {%- set is_shared = source == 'arrests' and column in ('hour_band', 'weekday') %}

        union all

        select
            '{{ source }}' as source,
            area_id,
            reporting_district,
            extract(year from date_occurred) as year,
            '{{ 'arrest_' if is_shared }}{{ column }}' as characteristic,
            {{ column }} as category,
            count(*) as n
        from {{ ref('int_' ~ source) }}
        -- null: the record system does not tell
        where {{ column }} is not null
        group by area_id, reporting_district, year, category
    {%- endfor %}
    {{ 'union all' if not loop.last }}
{% endfor %}
