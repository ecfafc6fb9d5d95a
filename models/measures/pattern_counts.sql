-- the patterns that are compared: crimes and arrests of the same years, and crimes of two periods
with matched as (

    select
        scope,
        place_id,
        period_id,
        crimes,
        arrests
    from {{ ref('matched_counts') }}
    where matched_group = 'all'

),

source_periods as (

    select distinct
        scope,
        period_id
    from matched

),

years as (

    select
        period_id,
        lag(period_id) over (order by start_date) as previous_id,
        first_value(period_id) over (order by start_date) as first_id
    from {{ ref('int_periods') }}
    where is_single_year and is_comparable

),

volumes as (

    select *
    from {{ ref('yearly_volumes') }}
    where source = 'crimes'

),

period_pairs as (

    select
        previous_id as left_id,
        period_id as right_id
    from years
    where previous_id is not null

    union

    -- and the first year against the last
    select
        min(first_id) as left_id,
        max(period_id) as right_id
    from years
    having min(first_id) != max(period_id)

),

final as (

    -- a place without either counts as a place, as it does between periods
    select
        places.scope,
        'source' as compared,
        'crimes ' || source_periods.period_id as left_id,
        'arrests ' || source_periods.period_id as right_id,
        places.place_id,
        coalesce(matched.crimes, 0) as left_n,
        coalesce(matched.arrests, 0) as right_n
    from {{ ref('int_places') }} as places
    inner join source_periods on places.scope = source_periods.scope
    left join matched
        on
            places.scope = matched.scope
            and places.place_id = matched.place_id
            and source_periods.period_id = matched.period_id
    where places.is_on_boundary_layer

    union all

    select
        places.scope,
        'period' as compared,
        'crimes ' || period_pairs.left_id as left_id,
        'crimes ' || period_pairs.right_id as right_id,
        places.place_id,
        coalesce(earlier.volume, 0) as left_n,
        coalesce(later.volume, 0) as right_n
    from {{ ref('int_places') }} as places
    cross join period_pairs
    left join volumes as earlier
        on
            places.scope = earlier.scope
            and places.place_id = earlier.place_id
            and period_pairs.left_id = earlier.period_id
    left join volumes as later
        on
            places.scope = later.scope
            and places.place_id = later.place_id
            and period_pairs.right_id = later.period_id
    where places.is_on_boundary_layer

)

select * from final
order by scope, compared, left_id, right_id, place_id
