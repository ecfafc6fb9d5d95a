-- how far arrests lie otherwise than crimes over the period of the main runs
select
    'crimes_unlike_arrests' as claim_id,
    patterns.scope,
    patterns.dissimilarity as value,
    patterns.dissimilarity_low as low,
    patterns.dissimilarity_high as high,
    cast(patterns.n_different as varchar) as detail_0,
    cast(patterns.n_places as varchar) as detail_1,
    patterns.left_years as detail_2
from {{ ref('pattern_similarity') }} as patterns
inner join {{ ref('main_runs') }} as main_runs
    on
        patterns.scope = main_runs.scope
        and patterns.left_period_id = main_runs.period_id
        and patterns.right_period_id = main_runs.period_id
where patterns.compared = 'source'
order by patterns.scope
