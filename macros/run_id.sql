{# The name of a clustering run, from the columns of `clustering_runs`. #}
{% macro run_id(runs) -%}
    concat_ws(
        '__',
        {{ runs }}.scope,
        {{ runs }}.period_id,
        {{ runs }}.source,
        {{ runs }}.feature_set,
        {{ runs }}.algorithm
    )
{%- endmacro %}
