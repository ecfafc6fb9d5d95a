-- Fails with each move between tiers that the tiers of consecutive years do not have as often.
{{ config(store_failures=true) }}

with moves as (

    select
        earlier.scope,
        earlier.tier as from_tier,
        later.tier as to_tier,
        count(*) as n
    from {{ ref('yearly_tiers') }} as earlier
    inner join {{ ref('yearly_tiers') }} as later
        on
            earlier.scope = later.scope
            and earlier.place_id = later.place_id
            and earlier.year + 1 = later.year
    group by earlier.scope, earlier.tier, later.tier

)

select
    coalesce(moves.scope, transitions.scope) as scope,
    coalesce(moves.from_tier, transitions.from_tier) as from_tier,
    coalesce(moves.to_tier, transitions.to_tier) as to_tier,
    moves.n as n_of_years,
    transitions.n,
    transitions.probability,
    transitions.persistence
from {{ ref('tier_transitions') }} as transitions
full outer join moves
    on
        transitions.scope = moves.scope
        and transitions.from_tier = moves.from_tier
        and transitions.to_tier = moves.to_tier
where
    coalesce(moves.n, 0) is distinct from transitions.n
    or (transitions.from_tier = transitions.to_tier and transitions.probability != transitions.persistence)
