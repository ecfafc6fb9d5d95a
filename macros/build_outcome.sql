{#
    What `python -m la_crime publish` goes by: quality.build_outcome has one row when the last command
    that ran or tested anything came to its end, and none while one runs or after one was killed.
#}
{% macro forget_build_outcome() %}
    create schema if not exists quality;
    create or replace table quality.build_outcome (
        invocation_id varchar, command varchar, shortfall varchar, data_folder varchar
    )
{% endmacro %}


{#
    On the last run's end: its command, and what it fell short of a whole build in, a line each; empty
    when every model, seed and test there is was run and passed.
#}
{% macro record_build_outcome() %}
    {% set shortfall = [] %}
    {# a selection is refused as such; the default one of selectors.yml leaves out unit tests alone #}
    {% for option in ['select', 'exclude', 'selector', 'resource_types', 'exclude_resource_types', 'empty', 'sample'] %}
        {% if invocation_args_dict.get(option) %}
            {% do shortfall.append('not everything was asked for (' ~ option ~ ')') %}
        {% endif %}
    {% endfor %}
    {% set done = [] %}
    {# dbt has nothing to do for an exposure, and says no-op #}
    {% for result in results if result.status in ['success', 'pass', 'no-op'] %}
        {% do done.append(result.node.unique_id) %}
    {% endfor %}
    {% for result in results if result.node.unique_id not in done %}
        {% do shortfall.append(result.status ~ ': ' ~ result.node.name) %}
        {% do done.append(result.node.unique_id) %}
    {% endfor %}
    {% for id, node in graph.get('nodes', {}).items() if node.resource_type in ['model', 'seed', 'snapshot', 'test'] %}
        {% if id not in done %}{% do shortfall.append('not run: ' ~ node.name) %}{% endif %}
    {% endfor %}
    insert into quality.build_outcome values (
        '{{ invocation_id }}', 'dbt {{ flags.WHICH }}', '{{ quoted(shortfall | join('\n')) }}',
        '{{ quoted(data_folder()) }}'
    )
{% endmacro %}


{# After a run in which `files_are_plausible` failed: its sentences, of which dbt prints but the number. #}
{% macro print_implausible() %}
    {% for result in results if result.node.name == 'files_are_plausible' and result.status in ['fail', 'warn'] %}
        {% set found = run_query('select sentence from marts.file_plausibility where not is_plausible order by 1') %}
        {% for sentence in found.columns[0].values() %}{% do print('- ' ~ sentence) %}{% endfor %}
    {% endfor %}
{% endmacro %}
