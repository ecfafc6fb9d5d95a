{%- set groups = group_columns('place_years') -%}
with years as (

    select
        period_id,
        cast(extract(year from start_date) as integer) as year,
        is_whole_for_crimes,
        is_whole_for_arrests,
        record_system_of_period
    from {{ ref('dim_periods') }}
    where is_single_year

),

-- of a year that a source does not have, nobody knows whether anything happened
recorded as (

    select
        period_id,
        bool_or(source = 'crimes') as has_crimes,
        bool_or(source = 'arrests') as has_arrests
    from {{ ref('int_place_counts') }}
    where characteristic = 'incidents'
    group by period_id

),

counts as (

    select
        scope,
        place_id,
        period_id,
        sum(n) filter (where source = 'crimes' and characteristic = 'incidents') as crimes,
        {% for group in groups %}
            sum(n) filter (where characteristic = 'crime_group' and category = '{{ group }}') as {{ group }},
        {% endfor %}
        sum(n) filter (where source = 'arrests' and characteristic = 'incidents') as arrests
    from {{ ref('int_place_counts') }}
    group by scope, place_id, period_id

),

filled as (

    select
        places.scope,
        places.place_id,
        places.place_name,
        places.area_name as area,
        places.area_km2,
        years.period_id,
        years.year,
        years.is_whole_for_crimes,
        years.is_whole_for_arrests,
        years.record_system_of_period,
        {% for count in ['crimes'] + groups %}
            case
                when recorded.has_crimes then cast(coalesce(counts.{{ count }}, 0) as bigint)
            end as {{ count }},
        {% endfor %}
        case when recorded.has_arrests then cast(coalesce(counts.arrests, 0) as bigint) end as arrests
    from {{ ref('int_places') }} as places
    cross join years
    inner join recorded on years.period_id = recorded.period_id
    left join counts
        on
            places.scope = counts.scope
            and places.place_id = counts.place_id
            and years.period_id = counts.period_id

),

tiers as (

    select
        runs.scope,
        runs.period_id,
        assignments.place_id,
        assignments.tier,
        confidence.p_tier,
        confidence.rank_low,
        confidence.rank_high
    from {{ ref('cluster_runs') }} as runs
    inner join {{ ref('cluster_assignments') }} as assignments on runs.run_id = assignments.run_id
    left join {{ ref('place_tier_confidence') }} as confidence
        on assignments.run_id = confidence.run_id and assignments.place_id = confidence.place_id
    where runs.source = 'crimes' and runs.feature_set = 'volume' and runs.algorithm = 'kmeans'

)

select
    filled.scope,
    filled.place_id,
    filled.place_name,
    filled.area,
    filled.period_id,
    filled.year,
    filled.is_whole_for_crimes as is_whole_year_of_crimes,
    filled.is_whole_for_arrests as is_whole_year_of_arrests,
    filled.record_system_of_period as record_system_of_year,
    filled.area_km2 as km2,
    filled.crimes,
    case
        when filled.crimes is null then 'not recorded'
        when filled.crimes = 0 then 'zero'
        else 'counted'
    end as crimes_status,
    round(filled.crimes / filled.area_km2, 3) as crimes_per_km2,
    filled.arrests,
    case
        when filled.arrests is null then 'not recorded'
        when filled.arrests = 0 then 'zero'
        else 'counted'
    end as arrests_status,
    round(100 * filled.arrests / nullif(filled.crimes, 0), 2) as arrests_per_100_crimes,
    tiers.tier,
    tiers.p_tier,
    case
        when filled.crimes is not null
            then rank() over (partition by filled.scope, filled.period_id order by filled.crimes desc)
    end as volume_rank,
    {% for group in groups %}
        filled.{{ group }},
    {% endfor %}
    tiers.rank_low,
    tiers.rank_high
from filled
left join tiers
    on
        filled.scope = tiers.scope
        and filled.place_id = tiers.place_id
        and filled.period_id = tiers.period_id
order by filled.scope, length(filled.place_id), filled.place_id, filled.year
