{%- set k_max = var('k_max') -%}
with runs as (

    select * from {{ ref('asked_runs') }}

),

eligible as (

    select *
    from {{ ref('clustering_candidates') }}
    where exclusion_reason is null

),

fingerprints as (

    select
        runs.run_id,
        eligible.place_id,
        string_agg(features.value, ',' order by features.feature) as fingerprint
    from runs
    inner join eligible on runs.run_id = eligible.run_id
    inner join {{ ref('features') }} as features
        on
            runs.scope = features.scope
            and eligible.place_id = features.place_id
            and runs.period_id = features.period_id
            and runs.source = features.source
            and runs.feature_set = features.feature_set
    group by runs.run_id, eligible.place_id

),

counted as (

    select
        runs.*,
        count(fingerprints.place_id) as n_places,
        count(distinct fingerprints.fingerprint) as n_distinct,
        runs.k * {{ var('min_places_per_cluster') }} as places_needed
    from runs
    left join fingerprints on runs.run_id = fingerprints.run_id
    group by all

),

final as (

    select
        run_id,
        scope,
        period_id,
        source,
        feature_set,
        transform,
        min_incidents,
        algorithm,
        k,
        2 as k_min,
        case
            when scope = 'area' then {{ k_max.area }}
            when scope = 'district' then {{ k_max.district }}
            -- of a layer as many as it can have places for
            else greatest(2, least({{ k_max.district }}, n_places // {{ var('min_places_per_cluster') }}))
        end as k_max,
        is_headline,
        n_places,
        case
            when
                algorithm = 'ward_contiguous'
                and scope not in (select neighbours.scope from {{ ref('int_neighbours') }} as neighbours)
                then 'the data folder has no outlines that say which places are neighbours'
            when n_places = 0 then 'no place has enough ' || source || ' in the period'
            when n_places < places_needed
                then
                    n_places || ' places have enough ' || source || ' in the period, '
                    || places_needed || ' are needed for k = ' || k
            when n_distinct <= k
                then
                    'the ' || n_places || ' places have only ' || n_distinct
                    || ' different values, too few for k = ' || k
        end as reason
    from counted

)

select
    *,
    case when reason is null then 'ok' else 'not run' end as status
from final
order by run_id
