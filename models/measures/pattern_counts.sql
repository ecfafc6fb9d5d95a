-- both patterns of each pair at every place of the map: one without either counts as a place too, one whose
-- ground changed between two years does not
with pairs as (

    select * from {{ ref('pattern_pairs') }}

),

places as (

    select
        scope,
        place_id,
        ground_since
    from {{ ref('int_places') }}
    where is_on_boundary_layer

),

matched as (

    select
        scope,
        place_id,
        period_id,
        crimes,
        arrests
    from {{ ref('matched_counts') }}
    where matched_group = 'all'

),

-- crimes and arrests are counted over the years that have both
spans as (

    select
        period_id,
        count(*) as n_years
    from {{ ref('period_years') }}
    where has_arrests
    group by period_id

),

volumes as (

    select *
    from {{ ref('yearly_volumes') }}
    where source = 'crimes'

),

final as (

    select
        pairs.scope,
        pairs.compared,
        pairs.left_id,
        pairs.right_id,
        pairs.left_source,
        pairs.right_source,
        spans.n_years,
        places.place_id,
        coalesce(matched.crimes, 0) as left_n,
        coalesce(matched.arrests, 0) as right_n
    from pairs
    inner join places on pairs.scope = places.scope
    inner join spans on pairs.left_period_id = spans.period_id
    left join matched
        on
            places.scope = matched.scope
            and places.place_id = matched.place_id
            and pairs.left_period_id = matched.period_id
    where pairs.compared = 'source'

    union all

    select
        pairs.scope,
        pairs.compared,
        pairs.left_id,
        pairs.right_id,
        pairs.left_source,
        pairs.right_source,
        1 as n_years,
        places.place_id,
        coalesce(earlier.volume, 0) as left_n,
        coalesce(later.volume, 0) as right_n
    from pairs
    inner join {{ ref('int_periods') }} as periods on pairs.left_period_id = periods.period_id
    inner join places
        on
            pairs.scope = places.scope
            and coalesce(periods.start_date >= places.ground_since, true)
    left join volumes as earlier
        on
            places.scope = earlier.scope
            and places.place_id = earlier.place_id
            and pairs.left_period_id = earlier.period_id
    left join volumes as later
        on
            places.scope = later.scope
            and places.place_id = later.place_id
            and pairs.right_period_id = later.period_id
    where pairs.compared = 'period'

)

select * from final
order by scope, compared, left_id, right_id, place_id
