{%- set characteristics = {
    'crimes': [
        'incidents', 'crime_group', 'district_group', 'premise_type', 'weapon_kind', 'hour_band', 'weekday',
        'victim_age_band', 'victim_sex', 'victim_descent',
    ],
    'arrests': [
        'incidents', 'charge_group', 'district_group', 'arrest_type', 'arrest_hour_band', 'arrest_weekday',
        'arrestee_age_band', 'arrestee_sex', 'arrestee_descent',
    ],
} -%}
with
{% for source, columns in characteristics.items() %}
    closed_{{ source }} as (

        select
            {{ source }}.*,
            {{ in_order_of_number(source ~ '.report_id') }} as report_in_order,
            -- one name, one meaning: hours and weekdays of crimes and of arrests are different things
            {{ source }}.hour_band as arrest_hour_band,
            {{ source }}.weekday as arrest_weekday,
            'all' as incidents,
            years.year
        from {{ ref('int_' ~ source) }} as {{ source }}
        inner join {{ ref('int_closed_years') }} as years
            on
                years.source = '{{ source }}'
                and extract(year from {{ source }}.date_occurred) = years.year
                -- a later report never enters, so that none changes what was published by itself
                and {{ source }}.date_reported <= years.reported_by

    ),

    -- each row counts by one characteristic, and has the others null
    counted_{{ source }} as (

        select
            '{{ source }}' as source,
            area_id,
            small_area,
            year,
            case when grouping(incidents) = 0 then min(report_in_order) end as first_report,
            case when grouping(incidents) = 0 then max(report_in_order) end as last_report,
            count(*) as n,
            {{ columns | join(', ') }}
        from closed_{{ source }}
        -- sqlfluff does not know GROUPING SETS as DuckDB's
        group by area_id, small_area, year, grouping sets ({{ columns | join(', ') }}) -- noqa: PRS

    ),

{% endfor %}
-- a category that is null, which the record system does not tell, is left out
final as (
    {% for source, columns in characteristics.items() %}
        select * from counted_{{ source }}
        unpivot (category for characteristic in ({{ columns | join(', ') }}))
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    source,
    area_id,
    small_area,
    year,
    characteristic,
    category,
    first_report,
    last_report,
    n
from final
