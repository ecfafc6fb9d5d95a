{%- set characteristics = ['hour_band', 'weekday', 'premise_type', 'weapon_kind'] -%}
with closed as (

    select
        years.year,
        {% for characteristic in characteristics %}
            crimes.{{ characteristic }},
        {% endfor %}
        -- the groups of the monthly facts: a sensitive one is never set beside hours or premises
        crimes.district_group as crime_group
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
        count(*) as n,
        {{ characteristics | join(', ') }}
    from closed
    -- sqlfluff does not know GROUPING SETS as DuckDB's
    group by year, crime_group, grouping sets ({{ characteristics | join(', ') }}) -- noqa: PRS

)

select
    year,
    crime_group,
    characteristic,
    category,
    n
from counted
unpivot (category for characteristic in ({{ characteristics | join(', ') }}))
