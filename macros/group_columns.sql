{# The columns of a model that its YAML file marks as the counts of a crime group, which each gives its name. #}
{% macro group_columns(model_name) %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for column in graph.nodes['model.' ~ project_name ~ '.' ~ model_name].columns.values() -%}
            {%- if column.config.meta.is_crime_group -%}
                {%- do names.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}
