-- the largest difference between the tiers of the main runs, of each kind of characteristic
with effects as (

    select
        main_runs.scope,
        effects.*,
        case
            when effects.characteristic = 'crime_group' then 'alike_in_crime_types'
            when effects.characteristic like 'victim_%' then 'alike_in_victims'
            when effects.characteristic like 'arrestee_%' then 'alike_in_arrestees'
        end as claim_id
    from {{ ref('tier_effects') }} as effects
    inner join {{ ref('main_runs') }} as main_runs on effects.run_id = main_runs.run_id
    where effects.effect_size is not null

)

select
    claim_id,
    scope,
    max(effect_size) as value,
    arg_max(low, effect_size) as low,
    arg_max(high, effect_size) as high,
    replace(arg_max(characteristic, effect_size), '_', ' ') as detail_0,
    arg_max(verdict, effect_size) as detail_1,
    '' as detail_2
from effects
where claim_id is not null
group by claim_id, scope
order by claim_id, scope
