{#- dbt's own account of the tests is the one source of what a key is -#}
{%- set names = {} -%}
{%- set keys = [] -%}
{%- if execute -%}
    {%- for id, node in graph.nodes.items()
        if node.resource_type == 'model' and node.fqn[1] == 'marts' and node.fqn[2] != 'evidence' -%}
        {%- do names.update({id: node.name}) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' and node.attached_node in names -%}
        {%- set test = node.get('test_metadata') or {} -%}
        {%- set asked = test.get('kwargs', {}) -%}
        {%- set columns = asked.get('columns') or [asked.get('column_name')] -%}
        {%- set to = (asked.get('to') or '') | replace('ref(', '') | replace(')', '') | replace("'", '') -%}
        {%- if test.name == 'unique_grain' -%}
            {%- do keys.append([names[node.attached_node], 'primary', columns, none, none]) -%}
        {%- elif test.name in ('relationships', 'references_row') and to in names.values() -%}
            {%- do keys.append(
                [names[node.attached_node], 'foreign', columns, to, [asked.field] if asked.field else columns]
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
with keys as (

    {% for table, kind, columns, to, to_columns in keys %}
        select
            '{{ table }}' as table_name,
            '{{ kind }}' as kind,
            '{{ columns | join(", ") }}' as key_columns,
            {{ "'" ~ to ~ "'" if to else 'null' }} as referenced_table,
            {{ "'" ~ to_columns | join(", ") ~ "'" if to else 'null' }} as referenced_columns
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from keys
order by table_name asc, kind desc, key_columns asc, referenced_table asc
