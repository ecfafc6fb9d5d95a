-- Fails with each table and scope other than areas and districts that shows what the monthly facts do not.
with profiles as (

    select distinct
        'place_profiles' as table_name,
        scope
    from {{ ref('place_profiles') }}

    union all

    select distinct
        'cluster_profiles' as table_name,
        runs.scope
    from {{ ref('cluster_profiles') }} as profiles
    inner join {{ ref('cluster_runs') }} as runs on profiles.run_id = runs.run_id

    union all

    select distinct
        'tier_effects' as table_name,
        runs.scope
    from {{ ref('tier_effects') }} as effects
    inner join {{ ref('cluster_runs') }} as runs on effects.run_id = runs.run_id
    where
        effects.characteristic not in (
            'crime_group', 'charge_group', 'crimes_per_km2', 'arrests_per_100_crimes'
        )

)

select profiles.*
from profiles
inner join {{ ref('dim_scopes') }} as scopes on profiles.scope = scopes.scope
where scopes.is_layer
