-- Fails with each sensitive group that is broken out for a district, by relation.
{{ config(store_failures=true) }}

with sensitive as (

    select
        'crimes' as source,
        crime_group as category,
        lower(crime_group_name) as group_name
    from {{ ref('dim_crime_groups') }}
    where is_sensitive_crime_group

    union all

    select
        'arrests' as source,
        charge_group as category,
        lower(charge_group_name) as group_name
    from {{ ref('dim_charge_groups') }}
    where is_sensitive_charge_group

),

broken_out as (

    select
        'fct_crimes_monthly' as relation,
        'crimes' as source,
        crime_group as category
    from {{ ref('fct_crimes_monthly') }}

    union all

    select
        'fct_arrests_monthly' as relation,
        'arrests' as source,
        charge_group as category
    from {{ ref('fct_arrests_monthly') }}

    union all

    select
        'place_profiles' as relation,
        source,
        category
    from {{ ref('place_profiles') }}
    where scope = 'district' and characteristic in ('crime_group', 'charge_group')

    union all

    select
        'cluster_profiles' as relation,
        profiles.source,
        profiles.category
    from {{ ref('cluster_profiles') }} as profiles
    inner join {{ ref('cluster_runs') }} as runs on profiles.run_id = runs.run_id
    where runs.scope = 'district' and profiles.characteristic in ('crime_group', 'charge_group')

    union all

    select
        'features' as relation,
        source,
        feature as category
    from {{ ref('features') }}
    where scope = 'district'

    union all

    -- its groups are spread over districts
    select
        'crime_concentration' as relation,
        'crimes' as source,
        crime_group as category
    from {{ ref('crime_concentration') }}

    -- folded at every level, as the facts are
    {% for relation in ['recent_change', 'monthly_expected', 'change_contributions'] %}
        union all

        select
            '{{ relation }}' as relation,
            source,
            category
        from {{ ref(relation) }}
    {% endfor %}

    {% for relation in ['crime_arrest_divergence', 'spatial_autocorrelation', 'spatial_clusters'] %}
        union all

        select
            '{{ relation }}' as relation,
            'crimes' as source,
            crime_group as category
        from {{ ref(relation) }}
        where scope = 'district'
    {% endfor %}

),

-- labels in words
labels as (

    select
        'place_typology' as relation,
        lower(concat_ws(', ', mix_label, highest_location_quotients)) as words
    from {{ ref('place_typology') }}
    where scope = 'district'

)

select
    broken_out.relation,
    broken_out.source,
    broken_out.category,
    count(*) as n_rows
from broken_out
inner join sensitive
    on broken_out.source = sensitive.source and broken_out.category = sensitive.category
group by broken_out.relation, broken_out.source, broken_out.category

union all

select
    labels.relation,
    sensitive.source,
    sensitive.category,
    count(*) as n_rows
from labels
inner join sensitive on sensitive.source = 'crimes' and contains(labels.words, sensitive.group_name)
group by labels.relation, sensitive.source, sensitive.category
