with measured as (

    select
        scope,
        compared,
        left_id,
        right_id,
        count(*) as n_places,
        max(s_index) as s_index,
        max(robust_s_index) as robust_s_index,
        count(*) filter (where is_different) as n_different,
        max(dissimilarity) as dissimilarity,
        max(dissimilarity_low) as dissimilarity_low,
        max(dissimilarity_high) as dissimilarity_high
    from {{ ref('measured_patterns') }}
    group by scope, compared, left_id, right_id

),

pairs as (

    select
        *,
        -- years that both sides have, where the sides are of two sources
        case when left_source = right_source then left_source else 'crimes and arrests' end as sources
    from {{ ref('pattern_pairs') }}

)

select
    measured.scope,
    measured.compared,
    measured.left_id,
    measured.right_id,
    pairs.left_period_id,
    pairs.right_period_id,
    left_years.years as left_years,
    right_years.years as right_years,
    measured.n_places,
    measured.s_index,
    measured.robust_s_index,
    measured.n_different,
    round(measured.n_different / measured.n_places, 6) as share_different,
    measured.dissimilarity,
    measured.dissimilarity_low,
    measured.dissimilarity_high
from measured
inner join pairs
    on
        measured.scope = pairs.scope
        and measured.compared = pairs.compared
        and measured.left_id = pairs.left_id
        and measured.right_id = pairs.right_id
inner join {{ ref('compared_years') }} as left_years
    on pairs.left_period_id = left_years.period_id and pairs.sources = left_years.sources
inner join {{ ref('compared_years') }} as right_years
    on pairs.right_period_id = right_years.period_id and pairs.sources = right_years.sources
order by measured.scope, measured.compared, measured.left_id, measured.right_id
