-- crimes and arrests that can be set side by side: same place, same comparable years, matched groups
with periods as (

    select * from {{ ref('period_years') }}
    where has_arrests

),

spans as (

    select
        period_id,
        count(*) as n_years
    from periods
    group by period_id

),

matches as (

    select
        charge_group,
        matched_crime_group as matched_group
    from {{ ref('charge_groups') }}
    where matched_crime_group is not null

),

yearly as (

    select
        counts.scope,
        counts.place_id,
        counts.period_id as year_id,
        case when counts.characteristic = 'incidents' then 'all' else counts.category end as matched_group,
        counts.n as crimes,
        0 as arrests
    from {{ ref('int_place_counts') }} as counts
    where
        counts.source = 'crimes'
        and (
            counts.characteristic = 'incidents'
            or (
                counts.characteristic = 'crime_group'
                and counts.category in (select matches.matched_group from matches)
            )
        )

    union all

    select
        counts.scope,
        counts.place_id,
        counts.period_id as year_id,
        coalesce(matches.matched_group, 'all') as matched_group,
        0 as crimes,
        counts.n as arrests
    from {{ ref('int_place_counts') }} as counts
    left join matches
        on counts.characteristic = 'charge_group' and counts.category = matches.charge_group
    where
        counts.source = 'arrests'
        and (counts.characteristic = 'incidents' or matches.matched_group is not null)

),

final as (

    select
        yearly.scope,
        yearly.place_id,
        periods.period_id,
        yearly.matched_group,
        cast(sum(yearly.crimes) as bigint) as crimes,
        cast(sum(yearly.arrests) as bigint) as arrests,
        cast(any_value(spans.n_years) as integer) as n_years
    from yearly
    inner join periods on yearly.year_id = periods.year_id
    inner join spans on periods.period_id = spans.period_id
    inner join {{ ref('int_places') }} as places
        on yearly.scope = places.scope and yearly.place_id = places.place_id
    where places.is_on_boundary_layer
    group by yearly.scope, yearly.place_id, periods.period_id, yearly.matched_group

)

select * from final
order by scope, period_id, matched_group, place_id
