-- Modelling: where would one cut the dendrogram? The last merges of each hierarchical run of crime
-- volume, and how much farther apart the merged clusters are than those of the merge before: a long
-- leap says that the clusters before it were well apart. One row per run and merge.
with runs as (

    select * from {{ ref('cluster_runs') }}
    where
        linkage in ('ward', 'average', 'complete')
        and source = 'crimes'
        and feature_set = 'volume'
        and period_id in ('all', '2017')

),

dendrogram as (

    select
        *,
        max(step) over (partition by run_id) - step + 1 as clusters_left,
        height - lag(height) over (partition by run_id order by step) as leap
    from {{ ref('cluster_linkage') }}

),

final as (

    select
        runs.run_id,
        dendrogram.clusters_left,
        dendrogram.clusters_left + 1 as clusters_before,
        round(dendrogram.height, 4) as height,
        round(dendrogram.leap, 4) as leap_from_merge_before,
        dendrogram.size as places_merged,
        round(runs.cophenetic_correlation, 4) as cophenetic_correlation
    from runs
    inner join dendrogram on runs.run_id = dendrogram.run_id
    where dendrogram.clusters_left <= 8

)

select * from final
order by run_id, clusters_left
