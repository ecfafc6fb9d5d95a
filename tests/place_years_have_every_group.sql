-- Fails with each group of the monthly facts that is no column, and each place's year whose groups do not add
-- up to its crimes.
{% set groups = group_columns('place_years') -%}
select
    'group' as what,
    crime_group as which
from {{ ref('dim_crime_groups') }}
where
    is_monthly_crime_group
    and crime_group not in (
        {% for group in groups %}
            '{{ group }}'{{ ',' if not loop.last }}
        {% endfor %}
    )

union all

select
    'year' as what,
    concat_ws(' ', scope, place_id, year) as which
from {{ ref('place_years') }}
where
    crimes != (
        0
        {% for group in groups %}
            + {{ group }}
        {% endfor %}
    )
