-- Modelling: in which tier of recorded-crime volume is each area, by K-means and by the dendrogram
-- (Ward's linkage), over the whole period and in 2017? One row per area.
with areas as (

    select * from {{ ref('dim_places') }}
    where scope = 'area'

),

assigned as (

    select
        assignments.place_id,
        assignments.volume,
        assignments.tier,
        runs.period_id || ' ' || runs.algorithm as specification
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('cluster_runs') }} as runs on assignments.run_id = runs.run_id
    where
        runs.scope = 'area'
        and runs.source = 'crimes'
        and runs.feature_set = 'volume'
        and runs.algorithm in ('kmeans', 'ward')
        and runs.period_id in ('all', '2017')

),

final as (

    select
        areas.place_name,
        areas.bureau,
        max(case when assigned.specification = 'all kmeans' then assigned.volume end) as crimes_all,
        max(case when assigned.specification = 'all kmeans' then assigned.tier end) as kmeans_all,
        max(case when assigned.specification = 'all ward' then assigned.tier end) as ward_all,
        max(case when assigned.specification = '2017 kmeans' then assigned.volume end) as crimes_2017,
        max(case when assigned.specification = '2017 kmeans' then assigned.tier end) as kmeans_2017,
        max(case when assigned.specification = '2017 ward' then assigned.tier end) as ward_2017
    from areas
    left join assigned on areas.place_id = assigned.place_id
    group by areas.place_name, areas.bureau

)

select * from final
order by crimes_all desc nulls last, place_name asc
