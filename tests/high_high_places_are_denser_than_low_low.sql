-- Fails with each map that has a high place, whatever its neighbours, not denser in crime than a low one.
{{ config(store_failures=true) }}

with bounds as (

    select
        clusters.scope,
        clusters.period_id,
        clusters.crime_group,
        min(coalesce(densities.value, 0)) filter (
            where clusters.spatial_class in ('high-high', 'high-low')
        ) as lowest_of_high,
        max(coalesce(densities.value, 0)) filter (
            where clusters.spatial_class in ('low-low', 'low-high')
        ) as highest_of_low
    from {{ ref('spatial_clusters') }} as clusters
    left join {{ ref('place_densities') }} as densities
        on
            clusters.scope = densities.scope
            and clusters.place_id = densities.place_id
            and clusters.period_id = densities.period_id
            and clusters.crime_group = densities.crime_group
    group by clusters.scope, clusters.period_id, clusters.crime_group

)

select *
from bounds
where lowest_of_high <= highest_of_low
