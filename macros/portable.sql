{# What engines write in different words, or mean differently by the same: see docs/scale.md. #}

{# How often one whole number goes into another, neither below nought. #}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    {{ dividend }} // {{ divisor }}
{%- endmacro %}


{# The days from one date to another. #}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}


{# Every column but these. #}
{% macro all_but(columns) -%}
    {{ return(adapter.dispatch('all_but')(columns)) }}
{%- endmacro %}

{% macro duckdb__all_but(columns) -%}
    * exclude ({{ columns | join(', ') }})
{%- endmacro %}


{# A fraction to so many decimals, a half away from nought. #}
{% macro rounded(fraction, decimals) -%}
    {{ return(adapter.dispatch('rounded')(fraction, decimals)) }}
{%- endmacro %}

{% macro duckdb__rounded(fraction, decimals) -%}
    round({{ fraction }}, {{ decimals }})
{%- endmacro %}


{# The texts of a group, in an order, with a comma between. condition: which rows of the group. #}
{% macro listed(text, by, condition) -%}
    {{ return(adapter.dispatch('listed')(text, by, condition)) }}
{%- endmacro %}

{% macro duckdb__listed(text, by, condition) -%}
    string_agg({{ text }}, ', ' order by {{ by }}) filter (where {{ condition }})
{%- endmacro %}
