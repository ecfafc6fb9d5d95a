with pairs as (

    select
        scope,
        compared,
        left_id,
        right_id,
        case compared when 'source' then 'crimes and arrests' else 'crimes' end as sources,
        count(*) as n_places,
        max(s_index) as s_index,
        max(robust_s_index) as robust_s_index,
        count(*) filter (where is_different) as n_different
    from {{ ref('measured_patterns') }}
    group by scope, compared, left_id, right_id

)

select
    pairs.scope,
    pairs.compared,
    pairs.left_id,
    pairs.right_id,
    left_years.years as left_years,
    right_years.years as right_years,
    pairs.n_places,
    pairs.s_index,
    pairs.robust_s_index,
    pairs.n_different,
    round(pairs.n_different / pairs.n_places, 6) as share_different
from pairs
inner join {{ ref('compared_years') }} as left_years
    on split_part(pairs.left_id, ' ', 2) = left_years.period_id and pairs.sources = left_years.sources
inner join {{ ref('compared_years') }} as right_years
    on split_part(pairs.right_id, ' ', 2) = right_years.period_id and pairs.sources = right_years.sources
order by pairs.scope, pairs.compared, pairs.left_id, pairs.right_id
