-- runs that differ in one thing only: the algorithm, or the feature set
with runs as (

    select * from {{ ref('clustering_plan') }}
    where status = 'ok'

),

final as (

    select
        'algorithm' as compared,
        kmeans.run_id as left_id,
        other.run_id as right_id
    from runs as kmeans
    inner join runs as other
        on
            kmeans.scope = other.scope
            and kmeans.period_id = other.period_id
            and kmeans.source = other.source
            and kmeans.feature_set = other.feature_set
    where kmeans.algorithm = 'kmeans' and other.algorithm != 'kmeans'

    union all

    select
        'feature_set' as compared,
        volume.run_id as left_id,
        other.run_id as right_id
    from runs as volume
    inner join runs as other
        on
            volume.scope = other.scope
            and volume.period_id = other.period_id
            and volume.source = other.source
            and volume.algorithm = other.algorithm
    where volume.feature_set = 'volume' and other.feature_set != 'volume'

    union all

    select
        'source' as compared,
        crimes.run_id as left_id,
        arrests.run_id as right_id
    from runs as crimes
    inner join runs as arrests
        on
            crimes.scope = arrests.scope
            and crimes.period_id = arrests.period_id
            and crimes.feature_set = arrests.feature_set
            and crimes.algorithm = arrests.algorithm
    where crimes.source = 'crimes' and arrests.source = 'arrests'

)

select * from final
order by compared, left_id, right_id
