-- Results: do the tiers of recorded-crime volume differ in their recorded victims and arrestees? The
-- share of each band of age, sex and descent in each tier. Unknown is a category too, and often a
-- large one. One row per scope, period, characteristic and category.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where is_headline and source = 'crimes'

),

profiles as (

    select * from {{ ref('cluster_profiles') }}
    where
        characteristic in (
            'victim_age_band',
            'victim_sex',
            'victim_descent',
            'arrestee_age_band',
            'arrestee_sex',
            'arrestee_descent'
        )

),

final as (

    select
        runs.scope,
        runs.period_id,
        profiles.characteristic,
        profiles.category,
        max(case when profiles.tier = 'high' then profiles.share end) as share_high,
        max(case when profiles.tier = 'medium-high' then profiles.share end) as share_medium_high,
        max(case when profiles.tier = 'medium-low' then profiles.share end) as share_medium_low,
        max(case when profiles.tier = 'low' then profiles.share end) as share_low,
        round(max(profiles.location_quotient) - min(profiles.location_quotient), 4)
            as spread_of_location_quotients,
        sum(case when profiles.is_suppressed then 1 else 0 end) as hidden_cells
    from runs
    inner join profiles on runs.run_id = profiles.run_id
    group by runs.scope, runs.period_id, profiles.characteristic, profiles.category

)

select * from final
order by scope asc, period_id desc, characteristic asc, category asc
