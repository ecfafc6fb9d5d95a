with compared_years as (

    select * from {{ ref('compared_years') }}
    where sources = 'crimes'

)

select
    periods.scope,
    'period' as compared,
    periods.left_id,
    periods.right_id,
    left_years.years as left_years,
    right_years.years as right_years,
    periods.n_places,
    periods.ari,
    periods.ami,
    periods.weighted_kappa,
    periods.spearman,
    periods.noise_ari_median,
    periods.noise_ari_p05,
    periods.noise_ari_p025,
    periods.noise_kappa_median,
    periods.noise_kappa_p025,
    periods.verdict,
    periods.detectable_share,
    periods.share_change_median,
    periods.share_change_median_low,
    periods.share_change_median_high,
    periods.share_change_largest,
    periods.share_change_largest_low,
    periods.share_change_largest_high,
    periods.share_change_largest_place_id,
    periods.shares_p_value
from {{ ref('measured_period_agreement') }} as periods
inner join compared_years as left_years on periods.left_id = left_years.period_id
inner join compared_years as right_years on periods.right_id = right_years.period_id

union all

select
    plan.scope,
    runs.compared,
    runs.left_id,
    runs.right_id,
    null as left_years,
    null as right_years,
    runs.n_places,
    runs.ari,
    runs.ami,
    runs.weighted_kappa,
    runs.spearman,
    runs.noise_ari_median,
    runs.noise_ari_p05,
    runs.noise_ari_p025,
    runs.noise_kappa_median,
    runs.noise_kappa_p025,
    runs.verdict,
    null as detectable_share,
    null as share_change_median,
    null as share_change_median_low,
    null as share_change_median_high,
    null as share_change_largest,
    null as share_change_largest_low,
    null as share_change_largest_high,
    null as share_change_largest_place_id,
    null as shares_p_value
from {{ ref('measured_run_agreement') }} as runs
inner join {{ ref('planned_runs') }} as plan on runs.left_id = plan.run_id
order by scope, compared, left_id, right_id
