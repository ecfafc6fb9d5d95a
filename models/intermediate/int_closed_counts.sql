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
with
{% for source, columns in characteristics.items() %}
    closed_{{ source }} as (

        select
            incidents.*,
            years.year
        from {{ ref('int_' ~ source) }} as incidents
        inner join {{ ref('int_closed_years') }} as years
            on
                years.source = '{{ source }}'
                and extract(year from incidents.date_occurred) = years.year
                -- a later report never enters, so that none changes what was published by itself
                and incidents.date_reported <= years.reported_by

    ),

{% endfor %}
final as (
    {% for source, columns in characteristics.items() %}
        select
            '{{ source }}' as source,
            area_id,
            reporting_district,
            year,
            'incidents' as characteristic,
            'all' as category,
            min(report_id) as first_report,
            max(report_id) as last_report,
            count(*) as n
        from closed_{{ source }}
        group by area_id, reporting_district, year
        {%- for column in columns %}
            {#- one name, one meaning: hours and weekdays of crimes and of arrests are different things #}
            {%- set is_shared = source == 'arrests' and column in ('hour_band', 'weekday') %}

            union all

            select
                '{{ source }}' as source,
                area_id,
                reporting_district,
                year,
                '{{ 'arrest_' if is_shared }}{{ column }}' as characteristic,
                {{ column }} as category,
                null as first_report,
                null as last_report,
                count(*) as n
            from closed_{{ source }}
            -- null: the record system does not tell
            where {{ column }} is not null
            group by area_id, reporting_district, year, category
        {%- endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
