-- Fails with each name, description or text value of a mart that calls a place or its people dangerous.
{%- set texts = {
    'cluster_assignments': ['tier'],
    'cluster_exclusions': ['reason'],
    'cluster_profiles': ['tier', 'category'],
    'cluster_runs': ['reason'],
    'dim_charge_groups': ['charge_group_name', 'charge_group_description'],
    'dim_crime_groups': ['crime_group_name', 'broad_category', 'crime_group_description'],
    'dim_periods': ['period_name'],
    'dim_places': ['place_name', 'area_name', 'bureau'],
    'place_profiles': ['category'],
    'place_trajectories': ['trajectory'],
    'place_typology': ['tier', 'mix_label', 'highest_location_quotients'],
    'spatial_clusters': ['spatial_class'],
    'study_claims': ['claim', 'verdict', 'reason'],
    'tier_agreement': ['verdict'],
    'tier_robustness': ['headline_tier'],
} %}

with text_values as (

    {% for mart, columns in texts.items() %}
        {% set outer_loop = loop %}
        {% for column in columns %}
            select distinct
                '{{ mart }}' as mart,
                '{{ column }}' as place_of_text,
                {{ column }} as words
            from {{ ref(mart) }}
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
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
    -- the one offence that is called so
    replace(lower(words), 'dangerous or evasive driving', ''),
    'danger|unsafe|bad (area|place|neighbou?rhood|part)|no-go|crime-ridden|criminal (area|neighbou?rhood)'
)
