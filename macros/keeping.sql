{#
    A build does only what changed. A table is kept as it is where all that it was made of is what it was
    then: its SQL as compiled, or its Python with what that imports, its configuration, and what its parents
    hold. A data test that passed on the same is not run again. `quality.kept` has a line for each:
    inputs_hash, of all that, and contents_hash, of the rows that came of it, so that a table which is made
    anew and is the same stops the wave.

    A line is taken out before its table is touched, and written when that is done: a build that is killed
    leaves no line that lies. `--full-refresh` makes everything, and `dbt test` runs every test.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% if model.language == 'sql' %}{{ return(unless_kept(dbt.materialization_table_duckdb)) }}{% endif %}
    {% set last = as_of_last_time() %}
    {% set inputs = inputs_hash(last) %}
    {% if is_as(last, inputs) %}{{ return(kept(last)) }}{% endif %}
    {% do forget() %}
    {% set table = this.incorporate(type='table') %}
    {% set fresh = make_intermediate_relation(table) %}
    {% do adapter.drop_relation(fresh) %}
    {# dbt runs Python where a materialization itself asks for it, and nowhere deeper #}
    {% call statement('main', language='python') -%}
        {{- create_table_as(False, fresh, compiled_code, 'python') }}
    {%- endcall %}
    {% do adapter.drop_relation(table) %}
    {% do adapter.rename_relation(fresh, table) %}
    {% do adapter.commit() %}
    {% do note(inputs) %}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}

{# Staging, whose parents are views and never kept: each of its files is, see read_files.sql. #}
{% materialization incremental, adapter='duckdb' %}
    {{ return(unless_kept(dbt.materialization_incremental_duckdb)) }}
{% endmaterialization %}

{% materialization seed, adapter='duckdb' %}
    {{ return(unless_kept(dbt.materialization_seed_default)) }}
{% endmaterialization %}

{% materialization test, adapter='duckdb' %}
    {{ return(unless_kept(dbt.materialization_test_default)) }}
{% endmaterialization %}


{# What a materialization does, unless what it would make is there already. #}
{% macro unless_kept(materialize) %}
    {% set last = as_of_last_time() %}
    {% set inputs = inputs_hash(last) %}
    {% if is_as(last, inputs) %}{{ return(kept(last)) }}{% endif %}
    {% do forget() %}
    {% set made = materialize() %}
    {% if model.resource_type != 'test' or passed_just_now() %}{% do note(inputs) %}{% endif %}
    {{ return(made) }}
{% endmacro %}


{# Whether this node, made of `inputs`, would come out as it did last time, and is there. #}
{% macro is_as(last, inputs) %}
    {% set is_test = model.resource_type == 'test' %}
    {% set is_there = flags.WHICH == 'build' if is_test else load_cached_relation(this) %}
    {{ return(inputs and inputs == last.rows[0]['inputs_hash'] and is_there and not flags.FULL_REFRESH) }}
{% endmacro %}


{# What a materialization returns, of a node that is kept. #}
{% macro kept(last) %}
    {# dbt reads a test's outcome from this, and `dbt seed --show` a seed #}
    {% set passed = last.select(['failures', 'should_warn', 'should_error']) %}
    {% do store_result('agate_table', response='KEPT', agate_table=passed) %}
    {% call noop_statement('main', 'KEPT', res=passed) %}-- kept{% endcall %}
    {{ return({'relations': [] if model.resource_type == 'test' else [this.incorporate(type='table')]}) }}
{% endmacro %}


{# Takes out this node's line, before it is made anew. #}
{% macro forget() %}
    {% do run_query("delete from quality.kept where node_id = '" ~ model.unique_id ~ "'") %}
{% endmacro %}


{# Writes this node's line, now that it is made of `inputs`. #}
{% macro note(inputs) %}
    {% set contents = "''" if model.resource_type == 'test' else contents_hash() %}
    {% call statement('note') %}
        insert into quality.kept select '{{ model.unique_id }}', '{{ inputs }}', {{ contents }}
    {% endcall %}
    {% do adapter.commit() %}
{% endmacro %}


{# One row: what `quality.kept` has of this node and its parents, and how a test that passes comes out. #}
{% macro as_of_last_time() %}
    {% set query %}
        select
            max(inputs_hash) filter (where node_id = '{{ model.unique_id }}') as inputs_hash,
            string_agg(node_id || ' ' || contents_hash, ', ' order by node_id)
                filter (where node_id != '{{ model.unique_id }}') as parents,
            count(*) filter (where node_id != '{{ model.unique_id }}') as n_parents,
            version() as duckdb_version,
            0 as failures,
            false as should_warn,
            false as should_error
        from quality.kept
        where node_id in ('{{ ([model.unique_id] + parents_of_node()) | join("', '") }}')
    {% endset %}
    {{ return(run_query(query)) }}
{% endmacro %}


{# The models and seeds that a node reads. #}
{% macro parents_of_node() %}
    {{ return(model.depends_on.get('nodes', []) | reject('in', graph.sources) | list) }}
{% endmacro %}


{# Of all that a node is made of; '' where a parent is not known to hold what it held. #}
{% macro inputs_hash(last) %}
    {% set found = last.rows[0] %}
    {% if found['n_parents'] < parents_of_node() | length %}{{ return('') }}{% endif %}
    {% set code = model.compiled_code or model.checksum.checksum %}
    {% if model.language == 'python' %}
        {% set code = code ~ run_query("select imports_fingerprint('" ~ quoted(code) ~ "')").rows[0][0] %}
        {# what Python reads in the data folder are polygons: any other file comes in through staging #}
        {% if 'data_folder()' in code %}
            {% set code = code ~ tojson(inspected_inputs().boundaries) %}
        {% endif %}
    {% endif %}
    {{ return(local_md5([
        code, tojson(model.config), model.description, tojson(model.get('columns', {})), found['parents'],
        found['duckdb_version'], dbt_version, tojson(handed_over())
    ] | join('\n'))) }}
{% endmacro %}


{# Whether the data test that ran in this materialization found nothing. #}
{% macro passed_just_now() %}
    {% set outcome = load_result('main').table.rows[0] %}
    {{ return(not (outcome['should_warn'] or outcome['should_error'])) }}
{% endmacro %}


{#
    A query for what the table of this model holds: its columns and the hash of its rows, in whatever order
    they are. `contents_by` in a model's `meta` names columns that tell all that a row holds.
#}
{% macro contents_hash() %}
    {% set telling = model.config.get('meta', {}).get('contents_by', ['*']) %}
    (
        select
            md5(
                (select string_agg(column_name || ' ' || column_type, ', ') from (describe {{ this }}))
                || ' ' || count(*) || ' ' || coalesce(sum(hash(held)), 0)
            )
        from (select {{ telling | join(', ') }} from {{ this }}) as held
    )
{% endmacro %}
