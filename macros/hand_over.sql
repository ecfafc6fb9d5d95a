{#
    Where Spark ran the left half, a table at the waist takes its rows from the hand-over. Its types are
    those of its own SQL, in which there are no rows then, for no file is read.
#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) %}
    {% set table = handed_over() %}
    {% if table %}
        {% set compiled_code %}
            (select * from ({{ compiled_code }}) limit 0)
            union all by name
            select * from read_parquet('{{ quoted(table.path) }}') -- {{ table.sha256 }}
        {% endset %}
    {% endif %}
    {{ return(dbt.duckdb__create_table_as(
        temporary, relation, compiled_code, language, partitioned_by, sorted_by
    )) }}
{% endmacro %}


{# What was handed over of this model: its path, rows and hash; none where nothing was. #}
{% macro handed_over() %}
    {% set tables = inspected_inputs()['handed_over'] if env_var('LA_CRIME_HANDED_OVER', '') else {} %}
    {{ return(tables.get(model.name)) }}
{% endmacro %}
