with recursive counts as (

    select
        counts.scope,
        counts.place_id,
        counts.period_id,
        counts.source,
        counts.characteristic,
        counts.category,
        counts.n,
        places.area_id,
        -- areas are shown for every year, so their years add up to the whole period
        case when counts.scope = 'district' then counts.period_id else 'every year' end as years,
        -- what the monthly facts show in place of a sensitive group, which is a sum of these cells
        case
            when
                counts.characteristic = 'crime_group'
                then coalesce(crime_groups.district_group, counts.category)
            when
                counts.characteristic = 'charge_group'
                then coalesce(charge_groups.district_group, counts.category)
            else counts.category
        end as shown_group
    from {{ ref('int_place_counts') }} as counts
    inner join {{ ref('periods') }} as periods on counts.period_id = periods.period_id
    inner join {{ ref('dim_places') }} as places
        on counts.scope = places.scope and counts.place_id = places.place_id
    left join {{ ref('crime_groups') }} as crime_groups on counts.category = crime_groups.crime_group
    left join {{ ref('charge_groups') }} as charge_groups on counts.category = charge_groups.charge_group
    where
        counts.characteristic != 'incidents'
        and case
            when counts.scope = 'district' then periods.is_profiled_by_district
            -- periods that overlap would give single years away by their differences
            else
                periods.end_date is null
                or extract(year from periods.start_date) = extract(year from periods.end_date)
        end

),

{#- The fourth relation: a share over its location quotient is the city's share. #}
{{ suppressed(
    'counts',
    relations=[
        ['scope', 'place_id', 'period_id', 'source', 'characteristic'],
        ['scope', 'place_id', 'years', 'source', 'characteristic', 'category'],
        ['area_id', 'period_id', 'source', 'characteristic', 'category'],
        ['scope', 'period_id', 'source', 'characteristic', 'category'],
        ['scope', 'place_id', 'period_id', 'source', 'characteristic', 'shown_group'],
    ],
    cell=['scope', 'place_id', 'period_id', 'source', 'characteristic', 'category'],
) }},

totals as (

    select
        *,
        sum(n) over (
            partition by scope, place_id, period_id, source, characteristic
        ) as place_total,
        sum(n) over (partition by scope, period_id, source, characteristic, category) as city_n,
        sum(n) over (partition by scope, period_id, source, characteristic) as city_total
    from suppressed

),

final as (

    select
        scope,
        place_id,
        period_id,
        source,
        characteristic,
        category,
        case when not is_suppressed then n end as n,
        case when not is_suppressed then round(n / place_total, 6) end as share,
        case
            when not is_suppressed then round((n / place_total) / (city_n / city_total), 4)
        end as location_quotient,
        is_suppressed
    from totals
    where place_total >= {{ var('suppression_threshold') }}

    union all

    -- which categories a handful of incidents fall into is not shown at all
    select distinct
        scope,
        place_id,
        period_id,
        source,
        characteristic,
        '(too few incidents)' as category,
        null as n,
        null as share,
        null as location_quotient,
        true as is_suppressed
    from totals
    where place_total < {{ var('suppression_threshold') }}

)

select * from final
order by scope, cast(place_id as integer), period_id, source, characteristic, category
