-- Fails with each claim that lacks a scope, has one twice, or is judged without being asked.
{{ config(store_failures=true) }}

with expected as (

    select
        asked.claim_id,
        coalesce(scopes.scope, 'city') as scope
    from {{ ref('study_claims_asked') }} as asked
    left join {{ ref('dim_scopes') }} as scopes on asked.measured_for = 'places' and not scopes.is_layer

),

judged as (

    select
        claim_id,
        scope,
        count(*) as times
    from {{ ref('study_claims') }}
    where verdict is not null
    group by claim_id, scope

)

select
    coalesce(expected.claim_id, judged.claim_id) as claim_id,
    coalesce(expected.scope, judged.scope) as scope,
    coalesce(judged.times, 0) as times
from expected
full outer join judged on expected.claim_id = judged.claim_id and expected.scope = judged.scope
where expected.claim_id is null or judged.times is distinct from 1
