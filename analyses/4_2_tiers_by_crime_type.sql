-- Results: do the tiers of recorded-crime volume differ in what their crimes are? Location quotients:
-- a tier's share of a crime group over the share in all places of the run; 1 is no difference. One
-- row per scope, period and crime group.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where is_headline and source = 'crimes'

),

profiles as (

    select * from {{ ref('cluster_profiles') }}
    where characteristic = 'crime_group'

),

crime_groups as (

    select * from {{ ref('dim_crime_groups') }}

),

final as (

    select
        runs.scope,
        runs.period_id,
        crime_groups.crime_group_name,
        sum(profiles.n) as crimes_shown,
        max(case when profiles.tier = 'high' then profiles.location_quotient end) as lq_high,
        max(case when profiles.tier = 'medium-high' then profiles.location_quotient end)
            as lq_medium_high,
        max(case when profiles.tier = 'medium-low' then profiles.location_quotient end)
            as lq_medium_low,
        max(case when profiles.tier = 'low' then profiles.location_quotient end) as lq_low,
        round(max(profiles.location_quotient) - min(profiles.location_quotient), 4) as spread,
        sum(case when profiles.is_suppressed then 1 else 0 end) as hidden_cells
    from runs
    inner join profiles on runs.run_id = profiles.run_id
    inner join crime_groups on profiles.category = crime_groups.crime_group
    group by runs.scope, runs.period_id, crime_groups.crime_group_name

)

select * from final
order by scope asc, period_id desc, spread desc nulls last, crime_group_name asc
