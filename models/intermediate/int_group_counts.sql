{%- set characteristics = ['hour_band', 'weekday', 'premise_type', 'weapon_kind'] -%}
with closed as (

    select
        years.year,
        -- the groups of the monthly facts: a sensitive one is never set beside hours or premises
        crimes.district_group as crime_group,
        {% for characteristic in characteristics %}
            crimes.{{ characteristic }},
        {% endfor %}
        crimes.report_id
    from {{ ref('int_crimes') }} as crimes
    inner join {{ ref('int_closed_years') }} as years
        on
            years.source = 'crimes'
            and extract(year from crimes.date_occurred) = years.year
            and crimes.date_reported <= years.reported_by

),

counted as (

    select
        year,
        crime_group,
        min(min(report_id)) over whole_year || '-' || max(max(report_id)) over whole_year as report_key,
        count(*) as n,
        {{ characteristics | join(', ') }}
    from closed
    -- sqlfluff does not know GROUPING SETS as DuckDB's
    group by year, crime_group, grouping sets ({{ characteristics | join(', ') }}) -- noqa: PRS
    window whole_year as (partition by year)

),

counts as (

    select * from counted
    unpivot (category for characteristic in ({{ characteristics | join(', ') }}))

),

rounded as (

    {{ rounded_at_random(
        'counts',
        place=['year'],
        table=['characteristic', 'crime_group'],
        cell='category',
        key='report_key',
    ) }}

)

select
    cast(year as varchar) as period_id,
    crime_group,
    characteristic,
    category,
    n
from rounded
