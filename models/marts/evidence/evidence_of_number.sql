-- how many clusters the measures prefer, and whether another algorithm makes the same ones
with main_runs as (

    select * from {{ ref('main_runs') }}

),

other_runs as (

    select * from {{ ref('planned_runs') }}
    where algorithm = 'ward'

),

number_of_tiers as (

    select
        'four_tiers' as claim_id,
        main_runs.scope,
        max(selection.recommended_k) as value,
        min(selection.k) filter (where selection.votes > 0) as low,
        max(selection.k) filter (where selection.votes > 0) as high,
        max(selection.reason) as detail_0,
        '' as detail_1,
        '' as detail_2
    from main_runs
    inner join {{ ref('cluster_k_selection') }} as selection on main_runs.run_id = selection.run_id
    group by main_runs.scope

),

algorithms as (

    select
        'algorithms_agree' as claim_id,
        main_runs.scope,
        agreement.ari as value,
        agreement.noise_ari_p05 as low,
        agreement.noise_ari_median as high,
        printf('%.2f', agreement.noise_ari_median) as detail_0,
        '' as detail_1,
        '' as detail_2
    from main_runs
    inner join other_runs
        on
            main_runs.scope = other_runs.scope
            and main_runs.period_id = other_runs.period_id
            and main_runs.source = other_runs.source
            and main_runs.feature_set = other_runs.feature_set
    inner join {{ ref('tier_agreement') }} as agreement
        on
            main_runs.run_id = agreement.left_id
            and other_runs.run_id = agreement.right_id
            and agreement.compared = 'algorithm'

)

select * from number_of_tiers
union all
select * from algorithms
order by claim_id, scope
