with runs as (

    select distinct
        scope,
        period_id,
        source,
        feature_set
    from {{ ref('clustering_runs') }}

),

incident_groups as (

    select
        'crimes' as source,
        'crime_group' as characteristic,
        crime_group as feature
    from {{ ref('crime_groups') }}
    where crime_group != 'unclassified' and crime_group = district_group

    union all

    select
        'arrests' as source,
        'charge_group' as characteristic,
        charge_group as feature
    from {{ ref('charge_groups') }}
    where charge_group != 'unclassified' and charge_group = district_group

),

counts as (

    select * from {{ ref('int_place_counts') }}

),

volumes as (

    select
        scope,
        place_id,
        period_id,
        source,
        n as incidents
    from counts
    where characteristic = 'incidents'

),

-- every group for every place, nought where there is none
group_counts as (

    select
        volumes.scope,
        volumes.place_id,
        volumes.period_id,
        volumes.source,
        incident_groups.feature,
        coalesce(counts.n, 0) as n
    from volumes
    inner join incident_groups on volumes.source = incident_groups.source
    left join counts
        on
            volumes.scope = counts.scope
            and volumes.place_id = counts.place_id
            and volumes.period_id = counts.period_id
            and volumes.source = counts.source
            and incident_groups.characteristic = counts.characteristic
            and incident_groups.feature = counts.category

),

city_counts as (

    select
        scope,
        period_id,
        source,
        feature,
        sum(n) as n,
        sum(sum(n)) over (partition by scope, period_id, source) as total
    from group_counts
    group by scope, period_id, source, feature

),

-- rare groups together: alone, their noise would outweigh everything else in a log-ratio
mix_counts as (

    select
        group_counts.scope,
        group_counts.place_id,
        group_counts.period_id,
        group_counts.source,
        case
            when city_counts.n < {{ var('mix_min_share') }} * city_counts.total then 'rare groups'
            else group_counts.feature
        end as mix_feature,
        sum(group_counts.n) as n,
        sum(sum(group_counts.n)) over (
            partition by
                group_counts.scope,
                group_counts.place_id,
                group_counts.period_id,
                group_counts.source
        ) as place_total,
        sum(city_counts.n) / max(city_counts.total) as city_share
    from group_counts
    inner join city_counts
        on
            group_counts.scope = city_counts.scope
            and group_counts.period_id = city_counts.period_id
            and group_counts.source = city_counts.source
            and group_counts.feature = city_counts.feature
    group by
        group_counts.scope,
        group_counts.place_id,
        group_counts.period_id,
        group_counts.source,
        mix_feature

),

all_features as (

    select
        scope,
        place_id,
        period_id,
        source,
        'volume' as feature_set,
        'incidents' as feature,
        cast(incidents as double) as value
    from volumes

    union all

    select
        scope,
        place_id,
        period_id,
        source,
        'type_counts' as feature_set,
        feature,
        cast(n as double) as value
    from group_counts

    union all

    -- zero replacement: some pseudo-incidents spread like the city's mix
    select
        scope,
        place_id,
        period_id,
        source,
        'mix' as feature_set,
        mix_feature as feature,
        round(
            (n + {{ var('mix_prior_incidents') }} * city_share)
            / (place_total + {{ var('mix_prior_incidents') }}),
            12
        ) as value
    from mix_counts
    where city_share > 0

),

final as (

    select all_features.*
    from all_features
    inner join runs
        on
            all_features.scope = runs.scope
            and all_features.period_id = runs.period_id
            and all_features.source = runs.source
            and all_features.feature_set = runs.feature_set

)

select * from final
order by scope, period_id, source, feature_set, place_id, feature
