with scores as (

    select * from {{ ref('clustering_scores') }}

),

cophenetic as (

    select
        run_id,
        max(cophenetic_correlation) as cophenetic_correlation
    from {{ ref('clustering_linkages') }}
    group by run_id

),

final as (

    select
        plan.run_id,
        plan.scope,
        plan.period_id,
        plan.source,
        plan.feature_set,
        plan.transform,
        plan.algorithm,
        nullif(plan.algorithm, 'kmeans') as linkage,
        plan.k,
        cast(plan.n_places as integer) as n_places,
        scores.silhouette,
        cophenetic.cophenetic_correlation,
        plan.is_headline,
        main_runs.run_id is not null as is_main,
        periods.crosses_nibrs_break,
        periods.record_system_of_period as record_system,
        case when plan.source = 'crimes' then periods.caution_of_period end as caution,
        plan.status,
        plan.reason
    from {{ ref('planned_runs') }} as plan
    inner join {{ ref('dim_periods') }} as periods on plan.period_id = periods.period_id
    left join {{ ref('main_runs') }} as main_runs on plan.run_id = main_runs.run_id
    left join scores on plan.run_id = scores.run_id and plan.k = scores.k
    left join cophenetic on plan.run_id = cophenetic.run_id

)

select * from final
order by run_id
