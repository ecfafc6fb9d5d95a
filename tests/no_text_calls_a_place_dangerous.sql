-- Fails with each name, description or text value of a mart that calls a place or its people dangerous.
{#- named here, so that dbt builds them first; a mart with text that is not is an error -#}
{%- set marts = [
    'build_info', 'change_contributions', 'classification_basis', 'cleaning_counts',
    'cluster_assignments', 'cluster_exclusions', 'cluster_k_selection', 'cluster_linkage',
    'cluster_profiles', 'cluster_runs', 'cluster_stability', 'control_totals', 'count_noise',
    'crime_arrest_divergence', 'crime_concentration', 'crime_group_profiles', 'dim_areas',
    'dim_charge_groups', 'dim_crime_groups', 'dim_denominators', 'dim_districts', 'dim_months',
    'dim_periods', 'dim_places', 'dim_scopes', 'fct_arrests_monthly', 'fct_crimes_monthly',
    'fct_layers_monthly', 'file_plausibility', 'layer_assignment', 'monthly_expected', 'pattern_places',
    'pattern_similarity', 'place_assignment', 'place_profiles', 'place_rates', 'place_tier_confidence',
    'place_tier_probabilities', 'place_trajectories', 'place_typology', 'place_years', 'recent_change',
    'reject_reasons', 'robustness_choices', 'row_reconciliation', 'spatial_autocorrelation',
    'spatial_clusters', 'study_claims', 'table_keys', 'tier_agreement', 'tier_effects', 'tier_robustness',
    'tier_transitions', 'unclassified_codes', 'whole_days',
] -%}
{%- set texts = {} -%}
{%- set nodes = graph.get('nodes', {}).values() -%}
{%- for node in nodes if node.resource_type == 'model' and node.schema == 'marts' -%}
    {%- set columns = node.columns.values() | selectattr('data_type', 'equalto', 'varchar') -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- if names and node.name not in marts -%}
        {{ exceptions.raise_compiler_error(node.name ~ ' has text: name it in ' ~ model.name) }}
    {%- endif -%}
    {%- do texts.update({node.name: names}) -%}
{%- endfor %}

with text_values as (

    {% for mart in marts %}
        select distinct
            '{{ mart }}' as mart,
            unnest([
                {% for name in texts.get(mart, []) %}
                    '{{ name }}'{{ ',' if not loop.last }}
                {% endfor %}
            ]) as place_of_text,
            unnest([
                {% for name in texts.get(mart, []) %}
                    {{ name }}{{ ',' if not loop.last }}
                {% endfor %}
            ]) as words
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- the comments are the descriptions in the YAML files
comments as (

    select
        table_name as mart,
        'the table' as place_of_text,
        concat_ws(' ', table_name, comment) as words
    from duckdb_tables()
    where database_name = current_database() and schema_name = 'marts'

    union all

    select
        table_name as mart,
        'the column ' || column_name as place_of_text,
        concat_ws(' ', column_name, comment) as words
    from duckdb_columns()
    where database_name = current_database() and schema_name = 'marts'

),

texts as (

    select * from text_values
    union all
    select * from comments

)

select *
from texts
where regexp_matches(
    -- offences that are called so
    regexp_replace(lower(words), 'dangerous (or evasive driving|drugs|weapons)', ''),
    'danger|unsafe|bad (area|place|neighbou?rhood|part)|no-go|crime-ridden|criminal (area|neighbou?rhood)'
)
