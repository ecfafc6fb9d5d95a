{#- of a layer of more places a group has too few incidents in each -#}
{%- set few_places = 200 -%}
-- the incidents of each window, noughts among them: of districts wide categories alone, of layers months
with windows as (

    select * from {{ ref('int_windows') }}

),

categories as (

    select * from {{ ref('int_counted_categories') }}

),

places as (

    select
        'city' as scope,
        'city' as place_id,
        true as has_groups,
        true as has_days
    union all
    select
        scope,
        place_id,
        scope != 'district' and count(*) over (partition by scope) <= {{ few_places }} as has_groups,
        scope in ('area', 'district') as has_days
    from {{ ref('int_places') }}
    where is_on_boundary_layer

),

by_day as (

    select
        windows.source,
        windows.window_id,
        recent_days.area_id,
        recent_days.small_area,
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
        recent_days.small_area,
        recent_days.district_group

),

by_month as (

    select
        windows.source,
        windows.window_id,
        months.area_id,
        months.small_area,
        months.category as member,
        sum(months.incidents) as n
    from windows
    inner join {{ ref('int_monthly_counts') }} as months
        on windows.source = months.source and months.month between windows.start_date and windows.end_date
    where not windows.is_of_days
    group by windows.source, windows.window_id, months.area_id, months.small_area, months.category

),

records as (

    select * from by_day
    union all
    select * from by_month

),

counted as (

    {% for scope, place in {
        'city': "'city'", 'area': 'records.area_id', 'district': 'records.small_area'
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
        union all
    {% endfor %}
    select
        layers.scope,
        layers.place_id,
        layers.source,
        windows.window_id,
        categories.category,
        sum(layers.incidents) as n
    from {{ ref('int_layer_counts') }} as layers
    inner join windows
        on layers.source = windows.source and layers.month between windows.start_date and windows.end_date
    inner join categories on layers.source = categories.source and layers.category = categories.member
    where not windows.is_of_days
    group by all

),

cells as (

    select distinct
        places.scope,
        places.place_id,
        windows.source,
        windows.window_id,
        categories.category
    from places
    inner join categories on places.has_groups or categories.is_wide
    inner join windows on categories.source = windows.source and (places.has_days or not windows.is_of_days)

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
