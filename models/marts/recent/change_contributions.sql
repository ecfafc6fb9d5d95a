-- what makes up each change of the city: by area, by group, by both, and by district
with pairs as (

    select * from {{ ref('recent_pairs') }}

),

members as (

    select distinct
        source,
        member
    from {{ ref('int_counted_categories') }}

),

city as (

    select
        source,
        comparison,
        window_name,
        base_name,
        base_windows,
        n,
        base_n,
        n * base_windows - base_n as net_change
    from pairs
    where scope = 'city' and category = 'all' and not_comparable_because is null

),

parts as (

    select
        scope as breakdown,
        source,
        comparison,
        place_id,
        category,
        n,
        base_n,
        not_comparable_because
    from pairs
    where scope in ('area', 'district') and category = 'all'

    union all

    select
        case pairs.scope when 'city' then 'group' else 'area and group' end as breakdown,
        pairs.source,
        pairs.comparison,
        pairs.place_id,
        pairs.category,
        pairs.n,
        pairs.base_n,
        pairs.not_comparable_because
    from pairs
    inner join members on pairs.source = members.source and pairs.category = members.member
    where pairs.scope in ('city', 'area')

    union all

    -- what names no district, or one that is not on the map
    select
        'district' as breakdown,
        city.source,
        city.comparison,
        'other' as place_id,
        'all' as category,
        any_value(city.n) - sum(pairs.n) as n,
        any_value(city.base_n) - sum(pairs.base_n) as base_n,
        null as not_comparable_because
    from city
    inner join pairs on city.source = pairs.source and city.comparison = pairs.comparison
    where pairs.scope = 'district' and pairs.category = 'all'
    group by city.source, city.comparison

)

select
    parts.source,
    parts.comparison,
    parts.breakdown,
    case parts.breakdown
        when 'area and group' then 'area'
        when 'group' then 'city'
        else parts.breakdown
    end as scope,
    parts.place_id,
    parts.category,
    city.window_name,
    city.base_name,
    cast(parts.n as bigint) as incidents,
    round(parts.base_n / city.base_windows, 9) as base_incidents,
    round((parts.n * city.base_windows - parts.base_n) / city.base_windows, 9) as difference,
    round((parts.n * city.base_windows - parts.base_n) / nullif(city.net_change, 0), 9) as share_of_change,
    parts.not_comparable_because is null as is_comparable_change
from parts
inner join city on parts.source = city.source and parts.comparison = city.comparison
order by
    parts.source, parts.comparison, parts.breakdown, parts.category, try_cast(parts.place_id as integer)
