select
    scope,
    'period' as compared,
    left_id,
    right_id,
    n_places,
    ari,
    ami,
    weighted_kappa,
    spearman,
    noise_ari_median,
    noise_ari_p05,
    noise_ari_p025,
    noise_kappa_median,
    noise_kappa_p025,
    verdict
from {{ ref('measured_period_agreement') }}

union all

select
    plan.scope,
    runs.compared,
    runs.left_id,
    runs.right_id,
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
    runs.verdict
from {{ ref('measured_run_agreement') }} as runs
inner join {{ ref('clustering_plan') }} as plan on runs.left_id = plan.run_id
order by scope, compared, left_id, right_id
