-- the incidents of each window, noughts among them; districts of wide categories alone
with windows as (

    select * from {{ ref('int_windows') }}

),

categories as (

    select * from {{ ref('int_counted_categories') }}

),

places as (

    select
        'city' as scope,
        'city' as place_id
    union all
    select
        scope,
        place_id
    from {{ ref('int_places') }}
    where is_on_boundary_layer and scope in ('area', 'district')

),

by_day as (

    select
        windows.source,
        windows.window_id,
        recent_days.area_id,
        recent_days.reporting_district,
        recent_days.district_group as member,
        sum(recent_days.n) as n
    from windows
    inner join {{ ref('int_recent_days') }} as recent_days
        on
            windows.source = recent_days.source
            and recent_days.date_occurred between windows.start_date and windows.end_date
    where windows.is_of_days
    group by
        windows.source,
        windows.window_id,
        recent_days.area_id,
        recent_days.reporting_district,
        recent_days.district_group

),

by_month as (

    select
        windows.source,
        windows.window_id,
        months.area_id,
        months.reporting_district,
        months.category as member,
        sum(months.incidents) as n
    from windows
    inner join {{ ref('int_monthly_counts') }} as months
        on windows.source = months.source and months.month between windows.start_date and windows.end_date
    where not windows.is_of_days
    group by windows.source, windows.window_id, months.area_id, months.reporting_district, months.category

),

records as (

    select * from by_day
    union all
    select * from by_month

),

counted as (

    {% for scope, place in {
        'city': "'city'", 'area': 'records.area_id', 'district': 'records.reporting_district'
    }.items() %}
        select
            '{{ scope }}' as scope,
            cast({{ place }} as varchar) as place_id,
            records.source,
            records.window_id,
            categories.category,
            sum(records.n) as n
        from records
        inner join categories
            on records.source = categories.source and records.member = categories.member
        {% if scope == 'district' %}where categories.is_wide{% endif %}
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

cells as (

    select distinct
        places.scope,
        places.place_id,
        windows.source,
        windows.window_id,
        categories.category
    from places
    inner join categories on places.scope != 'district' or categories.is_wide
    inner join windows on categories.source = windows.source

)

select
    cells.scope,
    cells.place_id,
    cells.source,
    cells.category,
    cells.window_id,
    cast(coalesce(counted.n, 0) as bigint) as n
from cells
left join counted
    on
        cells.scope = counted.scope
        and cells.place_id = counted.place_id
        and cells.source = counted.source
        and cells.category = counted.category
        and cells.window_id = counted.window_id
order by cells.scope, cells.source, cells.category, cells.place_id, cells.window_id
