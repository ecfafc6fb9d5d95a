-- Fails with each map whose high-high places are not denser in crime than its low-low ones.
{{ config(store_failures=true) }}

with means as (

    select
        clusters.scope,
        clusters.period_id,
        clusters.crime_group,
        avg(coalesce(densities.value, 0)) filter (
            where clusters.spatial_class = 'high-high'
        ) as high_density,
        avg(coalesce(densities.value, 0)) filter (
            where clusters.spatial_class = 'low-low'
        ) as low_density
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
from means
where high_density <= low_density
