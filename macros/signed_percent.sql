{#
    A ratio as a change in percent with its sign, as SQL: 1.2 as '+20 %', 0.8 as '-20 %'.

    ratio: the ratio.
#}
{% macro signed_percent(ratio) -%}
    printf('%+.0f %%', 100 * ({{ ratio }} - 1))
{%- endmacro %}
