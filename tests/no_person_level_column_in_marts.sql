{#- The marts that are looked at: dbt must know them before it starts, to build them first. -#}
{% set marts = [
    'build_info', 'cleaning_counts', 'cluster_assignments', 'cluster_exclusions', 'cluster_k_selection',
    'cluster_linkage', 'cluster_profiles', 'cluster_runs', 'cluster_stability', 'control_totals',
    'crime_arrest_divergence', 'crime_concentration', 'dim_charge_groups', 'dim_crime_groups',
    'dim_periods', 'dim_places', 'fct_arrests_monthly', 'fct_crimes_monthly', 'file_plausibility',
    'pattern_places', 'pattern_similarity', 'place_profiles', 'place_tier_confidence', 'place_tier_probabilities',
    'place_trajectories', 'place_typology', 'record_systems_monthly', 'reject_reasons',
    'robustness_choices', 'row_reconciliation', 'spatial_autocorrelation', 'spatial_clusters',
    'study_claims', 'tier_agreement', 'tier_effects', 'tier_robustness', 'tier_transitions',
    'unclassified_codes',
] %}
{% for mart in marts %}{% do ref(mart) %}{% endfor %}
-- Fails with each column of a mart that is about a person or an incident, and each mart not in the list.

with columns_of_marts as (

    select
        table_name,
        column_name
    from information_schema.columns
    where table_catalog = current_database() and table_schema = 'marts'

),

-- coordinates are those of a point inside a place, and in the places' own table only
forbidden as (

    select
        table_name,
        column_name
    from columns_of_marts
    where
        regexp_matches(
            replace(lower(column_name), 'location_quotient', ''),
            '(^|_)(dr|caseno|report_id|address|street|age|sex|gender|descent|race|victims?|arrestees?'
            || '|suspects?|persons?|occurred|reported|hour|time|lat|lon|latitude|longitude|geom|geometry'
            || '|location|mocodes?|weapon|premises?)(_|$)'
        )
        and not (table_name = 'dim_places' and column_name in ('lat', 'lon'))

)

select * from forbidden
{% if execute %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
        {% if node.schema == 'marts' and node.name not in marts %}
union all
select
    '{{ node.name }}' as table_name,
    '(add this mart to the list in the test)' as column_name
        {% endif %}
    {% endfor %}
{% endif %}
