{# What engines write in different words, or mean differently by the same: see docs/scale.md. #}

{# How often one whole number goes into another, neither below nought. #}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    {{ dividend }} // {{ divisor }}
{%- endmacro %}

{% macro spark__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} div {{ divisor }} as integer)
{%- endmacro %}


{# The days from one date to another. #}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}


{# Every column but these. #}
{% macro all_but(columns) -%}
    {{ return(adapter.dispatch('all_but')(columns)) }}
{%- endmacro %}

{% macro duckdb__all_but(columns) -%}
    * exclude ({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__all_but(columns) -%}
    * except ({{ columns | join(', ') }})
{%- endmacro %}


{# A fraction to so many decimals, a half away from nought. #}
{% macro rounded(fraction, decimals) -%}
    {{ return(adapter.dispatch('rounded')(fraction, decimals)) }}
{%- endmacro %}

{% macro duckdb__rounded(fraction, decimals) -%}
    round({{ fraction }}, {{ decimals }})
{%- endmacro %}

{# Spark rounds what a double is written as: 0.145, which is a little less, to 0.15. #}
{% macro spark__rounded(fraction, decimals) -%}
    round(({{ fraction }}) * {{ 10 ** decimals }}D) / {{ 10 ** decimals }}D
{%- endmacro %}


{# The texts of a group, in an order, with a comma between. condition: which rows of the group. #}
{% macro listed(text, by, condition) -%}
    {{ return(adapter.dispatch('listed')(text, by, condition)) }}
{%- endmacro %}

{% macro duckdb__listed(text, by, condition) -%}
    string_agg({{ text }}, ', ' order by {{ by }}) filter (where {{ condition }})
{%- endmacro %}

{% macro spark__listed(text, by, condition) -%}
    listagg({{ text }}, ', ') within group (order by {{ by }}) filter (where {{ condition }})
{%- endmacro %}


{# A seed's rows for Spark: dbt-spark's own macro makes 'None' of a blank cell, and breaks on an apostrophe. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set names, types, rows = agate_table.column_names, model.config.get('column_types', {}), [] %}
    {% for row in agate_table.rows %}
        {% set cells = [] %}
        {% for cell in row %}
            {% do cells.append('null' if cell is none else "'" ~ quoted(cell | string) ~ "'") %}
        {% endfor %}
        {% do rows.append('(' ~ cells | join(', ') ~ ')') %}
    {% endfor %}
    {% set sql %}
insert into {{ this }}
select
        {%- for name in names %}
    cast(`{{ name }}` as {{ types.get(name, 'string') }}){{ ',' if not loop.last }}
        {%- endfor %}
from values
{{ rows | join(',\n') }}
as seed (`{{ names | join('`, `') }}`)
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
