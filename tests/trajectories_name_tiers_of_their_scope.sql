-- Fails with each place whose trajectory is none of the words for one, nor a tier of its scope.
{{ config(store_failures=true) }}

with tiers as (

    select distinct
        scope,
        from_tier
    from {{ ref('tier_transitions') }}

)

select
    trajectories.scope,
    trajectories.place_id,
    trajectories.trajectory
from {{ ref('place_trajectories') }} as trajectories
left join tiers
    on
        trajectories.scope = tiers.scope
        and trajectories.trajectory = 'always ' || tiers.from_tier
where
    tiers.from_tier is null
    and trajectories.trajectory not in (
        'rising', 'falling', 'fluctuating', 'ground changed', 'too few incidents', 'too few years'
    )
