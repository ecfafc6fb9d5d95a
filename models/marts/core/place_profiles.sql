with counts as (

    select counts.*
    from {{ ref('int_profile_counts') }} as counts
    inner join {{ ref('periods') }} as periods on counts.period_id = periods.period_id
    where
        case
            when counts.scope = 'district' then periods.is_profiled_by_district
            else
                periods.end_date is null
                or extract(year from periods.start_date) = extract(year from periods.end_date)
        end

),

city as (

    select
        scope,
        period_id,
        years,
        source,
        characteristic,
        category,
        sum(n) as n,
        sum(sum(n)) over (partition by scope, period_id, source, characteristic) as total
    from counts
    group by scope, period_id, years, source, characteristic, category

),

place_totals as (

    select
        scope,
        place_id,
        period_id,
        years,
        source,
        characteristic,
        sum(n) as total
    from counts
    group by scope, place_id, period_id, years, source, characteristic

),

-- every category of the city for every place, so that a line says nothing of whether there are any
cells as (

    select
        place_totals.scope,
        place_totals.place_id,
        place_totals.period_id,
        place_totals.years,
        place_totals.source,
        place_totals.characteristic,
        city.category,
        nullif(counts.n, 0) as n,
        place_totals.total,
        city.n / city.total as city_share
    from place_totals
    inner join city
        on
            place_totals.scope = city.scope
            and place_totals.period_id = city.period_id
            and place_totals.source = city.source
            and place_totals.characteristic = city.characteristic
    left join counts
        on
            place_totals.scope = counts.scope
            and place_totals.place_id = counts.place_id
            and place_totals.period_id = counts.period_id
            and place_totals.source = counts.source
            and place_totals.characteristic = counts.characteristic
            and city.category = counts.category
    where place_totals.total > 0

),

final as (

    select
        scope,
        place_id,
        period_id,
        years,
        source,
        characteristic,
        category,
        cast(n as bigint) as n,
        round(n / total, 6) as share,
        round((n / total) / city_share, 4) as location_quotient,
        n is null as is_suppressed
    from cells

    union all

    -- which categories a handful of incidents fall into is not shown at all
    select
        scope,
        place_id,
        period_id,
        years,
        source,
        characteristic,
        '(too few incidents)' as category,
        null as n,
        null as share,
        null as location_quotient,
        true as is_suppressed
    from place_totals
    where total = 0

)

select * from final
order by scope, cast(place_id as integer), period_id, source, characteristic, category
