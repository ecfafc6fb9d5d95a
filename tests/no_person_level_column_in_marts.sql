-- Fails with each column of a mart that is about a person or an incident; contracts allow no other columns.
{%- set declared = [] %}
{%- if execute %}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == 'marts' %}
        {%- for column in node.columns %}{% do declared.append((node.name, column)) %}{% endfor %}
    {%- endfor %}
{%- endif %}

with columns_of_marts (table_name, column_name) as (

    values
    {% for table_name, column_name in declared %}
        ('{{ table_name }}', '{{ column_name }}'){{ ',' if not loop.last }}
    {% endfor %}

)

-- coordinates are those of a point inside a place, and in the places' own table only; a count of thefts from
-- the person has their name
select
    table_name,
    column_name
from columns_of_marts
where
    regexp_matches(
        replace(lower(column_name), 'location_quotient', ''),
        '(^|_)(dr|caseno|report_id|address|street|age|sex|gender|descent|race|victims?|arrestees?'
        || '|suspects?|persons?|occurred|reported|hour|time|lat|lon|latitude|longitude|geom|geometry'
        || '|location|mocodes?|weapon|premises?)(_|$)'
    )
    and not (table_name = 'dim_places' and column_name in ('lat', 'lon'))
    and not (
        table_name = 'place_years'
        and column_name in (
            {% for group in group_columns('place_years') %}
                '{{ group }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
    )
