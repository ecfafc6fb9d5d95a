{# Everything that would stop a build, as one error before anything is built. #}
{% macro check_inputs() %}
    {% if execute and flags.WHICH in ['build', 'run', 'seed', 'test'] %}
        {% set problems = inspected_inputs()['problems'] %}
        {% if problems %}
            {% do exceptions.raise_compiler_error(
                'The inputs cannot be built from:\n- ' ~ problems | join('\n- ')
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{# What lies in the data folder: files, boundaries and problems, as la_crime/inputs/inspection.py describes them. #}
{% macro inspected_inputs() %}
    {% if not execute %}
        {{ return({'files': [], 'city': {}, 'boundaries': {}, 'problems': []}) }}
    {% endif %}
    {{ return(fromjson(run_query(inspection()).columns[0].values()[0])) }}
{% endmacro %}


{# What the city's `city.toml` says under a name; a variable of dbt's by that name goes before it. #}
{% macro city(name) %}
    {{ return(var(name, none) or inspected_inputs()['city'].get(name, {})) }}
{% endmacro %}


{# A day of the city's as SQL; null where the city has none. #}
{% macro city_date(name) -%}
    {%- set day = city(name) -%}
    {{ "date '" ~ day ~ "'" if day else 'cast(null as date)' }}
{%- endmacro %}


{# The data folder, as la_crime/settings.py has it. #}
{% macro data_folder() %}
    {% set city = env_var('CITY', '') or 'los_angeles' %}
    {{ return(env_var('LA_CRIME_DATA_DIR', 'data/demo' ~ ('_' ~ city if city != 'los_angeles' else ''))) }}
{% endmacro %}


{# A query for that, as JSON. #}
{% macro inspection() %}
    {{ return(adapter.dispatch('inspection')()) }}
{% endmacro %}

{% macro duckdb__inspection() %}
    {{ return("select inspect_inputs('" ~ quoted(data_folder()) ~ "')") }}
{% endmacro %}


{# A text as it goes between single quotes in SQL. #}
{% macro quoted(text) %}
    {{ return(adapter.dispatch('quoted')(text)) }}
{% endmacro %}

{% macro duckdb__quoted(text) %}{{ return(text | replace("'", "''")) }}{% endmacro %}
