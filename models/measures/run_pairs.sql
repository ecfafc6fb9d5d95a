-- runs that differ in one thing only: the algorithm, contiguity, the feature set or the source
with runs as (

    select * from {{ ref('planned_runs') }}
    where status = 'ok'

),

final as (

    select
        case
            when usual.algorithm = 'ward' and other.algorithm = 'ward_contiguous' then 'contiguity'
            when usual.algorithm != other.algorithm then 'algorithm'
            when usual.feature_set != other.feature_set then 'feature_set'
            else 'source'
        end as compared,
        usual.run_id as left_id,
        other.run_id as right_id
    from runs as usual
    inner join runs as other
        on usual.scope = other.scope and usual.period_id = other.period_id
    -- one of the three differs, and the left run has the usual one of it, or Ward's linkage beside contiguous
    where
        cast(usual.algorithm != other.algorithm as integer)
        + cast(usual.feature_set != other.feature_set as integer)
        + cast(usual.source != other.source as integer) = 1
        and usual.algorithm in (
            other.algorithm, case when other.algorithm = 'ward_contiguous' then 'ward' else 'kmeans' end
        )
        and (usual.feature_set = 'volume' or usual.feature_set = other.feature_set)
        and (usual.source = 'crimes' or usual.source = other.source)

)

select * from final
order by compared, left_id, right_id
