-- the patterns that are compared: crimes and arrests of the same years, and crimes of two periods
with scopes as (

    select distinct scope
    from {{ ref('int_places') }}
    where is_on_boundary_layer

),

matched_periods as (

    select distinct
        scope,
        period_id
    from {{ ref('matched_counts') }}
    where matched_group = 'all'

),

years as (

    select
        period_id,
        lag(period_id) over (order by start_date) as previous_id,
        first_value(period_id) over (order by start_date) as first_id
    from {{ ref('int_periods') }}
    where is_single_year and is_comparable

),

year_pairs as (

    select
        previous_id as left_period_id,
        period_id as right_period_id
    from years
    where previous_id is not null

    union

    -- and the first year against the last
    select
        min(first_id) as left_period_id,
        max(period_id) as right_period_id
    from years
    having min(first_id) != max(period_id)

),

pairs as (

    select
        matched_periods.scope,
        'source' as compared,
        'crimes' as left_source,
        matched_periods.period_id as left_period_id,
        'arrests' as right_source,
        matched_periods.period_id as right_period_id
    from matched_periods

    union all

    select
        scopes.scope,
        'period' as compared,
        'crimes' as left_source,
        year_pairs.left_period_id,
        'crimes' as right_source,
        year_pairs.right_period_id
    from scopes
    cross join year_pairs

)

-- an id is for people and files: what it is made of stands in columns of its own
select
    scope,
    compared,
    left_source || ' ' || left_period_id as left_id,
    right_source || ' ' || right_period_id as right_id,
    left_source,
    left_period_id,
    right_source,
    right_period_id
from pairs
order by scope, compared, left_id, right_id
