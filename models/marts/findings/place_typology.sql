with assignments as (

    select
        assignments.*,
        plan.period_id,
        plan.feature_set
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('planned_runs') }} as plan on assignments.run_id = plan.run_id
    where plan.source = 'crimes' and plan.algorithm = 'kmeans'

),

group_names as (

    -- what no code names is no kind of crime
    select * from {{ ref('dim_crime_groups') }}
    where crime_group != 'unclassified'

),

-- the groups that most exceed the share they have in all places of the run
excesses as (

    select
        profiles.run_id,
        profiles.cluster_rank,
        lower(group_names.crime_group_name) as group_name,
        row_number() over (
            partition by profiles.run_id, profiles.cluster_rank
            order by
                profiles.share - profiles.share / profiles.location_quotient desc,
                profiles.category asc
        ) as excess_rank
    from {{ ref('cluster_profiles') }} as profiles
    inner join group_names on profiles.category = group_names.crime_group
    where
        profiles.source = 'crimes'
        and profiles.characteristic = 'crime_group'
        and profiles.location_quotient >= {{ var('notable_location_quotient') }}

),

labels as (

    select
        run_id,
        cluster_rank,
        string_agg(group_name, ', ' order by excess_rank) as mix_label
    from excesses
    where excess_rank <= 2
    group by run_id, cluster_rank

),

quotients as (

    select
        profiles.scope,
        profiles.place_id,
        profiles.period_id,
        group_names.crime_group_name || ' ' || printf('%.2f', profiles.location_quotient) as quotient,
        row_number() over (
            partition by profiles.scope, profiles.place_id, profiles.period_id
            order by profiles.location_quotient desc, profiles.category asc
        ) as quotient_rank
    from {{ ref('place_profiles') }} as profiles
    inner join group_names on profiles.category = group_names.crime_group
    where
        profiles.source = 'crimes'
        and profiles.characteristic = 'crime_group'
        and not profiles.is_suppressed

),

highest_quotients as (

    select
        scope,
        place_id,
        period_id,
        string_agg(quotient, ', ' order by quotient_rank) as highest_location_quotients
    from quotients
    where quotient_rank <= 3
    group by scope, place_id, period_id

),

final as (

    select
        mix.scope,
        mix.place_id,
        mix.period_id,
        volume.tier,
        cast(mix.cluster_rank as integer) as mix_cluster,
        coalesce(labels.mix_label, 'like all places together') as mix_label,
        highest_quotients.highest_location_quotients,
        mix.silhouette as mix_silhouette
    from assignments as mix
    inner join assignments as volume
        on
            mix.scope = volume.scope
            and mix.place_id = volume.place_id
            and mix.period_id = volume.period_id
            and volume.feature_set = 'volume'
    left join labels on mix.run_id = labels.run_id and mix.cluster_rank = labels.cluster_rank
    left join highest_quotients
        on
            mix.scope = highest_quotients.scope
            and mix.place_id = highest_quotients.place_id
            and mix.period_id = highest_quotients.period_id
    -- without profiles there is no telling what a mix is of
    inner join {{ ref('dim_scopes') }} as scopes on mix.scope = scopes.scope and not scopes.is_layer
    where mix.feature_set = 'mix'

)

select * from final
order by scope, period_id, length(place_id), place_id
