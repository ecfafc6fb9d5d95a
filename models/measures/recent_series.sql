-- counts by month of the city and its areas in each category, and of districts in all
with first_month as (

    select min(month) as first_day from {{ ref('recent_months') }}

),

months as (

    select
        counts.source,
        counts.month,
        counts.area_id,
        counts.small_area,
        counts.category as member,
        sum(counts.incidents) as n
    from {{ ref('int_monthly_counts') }} as counts
    cross join first_month
    where counts.incidents > 0 and counts.month >= first_month.first_day
    group by counts.source, counts.month, counts.area_id, counts.small_area, counts.category

),

by_area as (

    select
        cast(months.area_id as varchar) as place_id,
        months.source,
        categories.category,
        months.month,
        sum(months.n) as n
    from months
    inner join {{ ref('int_counted_categories') }} as categories
        on months.source = categories.source and months.member = categories.member
    group by all

),

series as (

    select
        'city' as scope,
        'city' as place_id,
        source,
        category,
        month,
        sum(n) as n,
        (select count(*) from {{ ref('areas') }}) as n_places
    from by_area
    group by source, category, month

    union all

    select
        'area' as scope,
        place_id,
        source,
        category,
        month,
        n,
        1 as n_places
    from by_area

    union all

    select
        'district' as scope,
        places.place_id,
        months.source,
        'all' as category,
        months.month,
        sum(months.n) as n,
        1 as n_places
    from months
    inner join {{ ref('int_places') }} as places
        on
            places.scope = 'district'
            and places.is_on_boundary_layer
            and cast(months.small_area as varchar) = places.place_id
    group by places.place_id, months.source, months.month

)

select
    series.scope,
    series.place_id,
    series.source,
    series.category,
    series.month,
    cast(series.n as integer) as n,
    cast(series.n_places as integer) as n_places,
    coalesce(places.ground_since <= first_month.first_day, true) as is_same_ground,
    whole_days.whole_through
from series
inner join {{ ref('int_whole_days') }} as whole_days
    on
        series.source = whole_days.source
        and series.category = whole_days.category
        and whole_days.is_current
left join {{ ref('int_places') }} as places
    on series.scope = places.scope and series.place_id = places.place_id
cross join first_month
order by series.scope, series.source, series.category, series.place_id, series.month
