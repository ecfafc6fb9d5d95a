-- Fails with each map whose places and whole point different ways, and each place whose class does not
-- have the sign of its local I.
{{ config(store_failures=true) }}

with maps as (

    select
        scope,
        period_id,
        crime_group,
        -- a place without neighbours, such as an island, has no part in the whole
        avg(local_i) filter (where p_value is not null) as mean_local_i,
        count(*) filter (
            where
            (spatial_class in ('high-high', 'low-low') and local_i <= 0)
            or (spatial_class in ('high-low', 'low-high') and local_i >= 0)
            or (spatial_class = 'not significant') = is_significant
        ) as n_wrong
    from {{ ref('spatial_clusters') }}
    group by scope, period_id, crime_group

)

select
    maps.*,
    whole.morans_i,
    whole.expected_i,
    whole.z,
    whole.p_value
from maps
left join {{ ref('spatial_autocorrelation') }} as whole
    on
        maps.scope = whole.scope
        and maps.period_id = whole.period_id
        and maps.crime_group = whole.crime_group
where
    maps.n_wrong > 0
    or (whole.morans_i > whole.expected_i) != (whole.z > 0)
    or (abs(whole.z) > 2 and whole.p_value > 0.05)
    or (abs(whole.z) < 1.9 and whole.p_value < 0.05)
    or abs(maps.mean_local_i - whole.morans_i) > 0.01
