with blocks as (

    -- a block of years has the same years in every period
    select distinct
        scope,
        source,
        block_id,
        year
    from {{ ref('int_profile_blocks') }}

),

by_place as (

    {% for scope, place, unshown in [
        ('area', 'area_id', "('district_group')"),
        ('district', 'small_area', "('crime_group', 'charge_group')"),
    ] %}
        select
            blocks.scope,
            cast(counts.{{ place }} as varchar) as place_id,
            counts.source,
            blocks.block_id,
            -- below area level the sensitive groups are counted, but never by themselves
            case
                when counts.characteristic != 'district_group' then counts.characteristic
                when counts.source = 'crimes' then 'crime_group'
                else 'charge_group'
            end as characteristic,
            counts.category,
            min(counts.first_report) as first_report,
            max(counts.last_report) as last_report,
            cast(sum(counts.n) as bigint) as n
        from {{ ref('int_closed_counts') }} as counts
        inner join blocks
            on blocks.scope = '{{ scope }}' and counts.source = blocks.source and counts.year = blocks.year
        where counts.characteristic not in {{ unshown }}
        group by
            blocks.scope,
            counts.{{ place }},
            counts.source,
            blocks.block_id,
            counts.characteristic,
            counts.category
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

keys as (

    select
        scope,
        place_id,
        source,
        block_id,
        -- from the reports themselves, so that it changes with no setting, no day and no other place
        {{ without_length('first_report') }} || '-' || {{ without_length('last_report') }} as report_key
    from by_place
    where characteristic = 'incidents'

),

-- the groups that count together below area level, by what they count under
folded as (

    {% for characteristic in ['crime_group', 'charge_group'] %}
        select distinct
            '{{ characteristic }}' as characteristic,
            members.{{ characteristic }} as category,
            members.district_group
        from {{ ref(characteristic ~ 's') }} as members
        inner join {{ ref(characteristic ~ 's') }} as sensitive
            on sensitive.is_sensitive and members.district_group = sensitive.district_group
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

counts as (

    select
        by_place.scope,
        by_place.place_id,
        by_place.source,
        by_place.block_id,
        by_place.characteristic,
        by_place.category,
        -- the monthly facts show what a sensitive group and the group that it is folded into add up to
        case
            when by_place.scope = 'area' and by_place.characteristic in ('crime_group', 'charge_group')
                then coalesce(folded.district_group, 'all')
            else 'all'
        end as known_total,
        keys.report_key,
        by_place.n
    from by_place
    inner join keys
        on
            by_place.scope = keys.scope
            and by_place.place_id = keys.place_id
            and by_place.source = keys.source
            and by_place.block_id = keys.block_id
    left join folded
        on by_place.characteristic = folded.characteristic and by_place.category = folded.category
    where by_place.characteristic != 'incidents'

),

rounded as (

    {{ rounded_at_random(
        'counts',
        place=['scope', 'place_id', 'block_id'],
        table=['source', 'characteristic', 'known_total'],
        cell='category',
        key='report_key',
    ) }}

)

select
    scope,
    place_id,
    source,
    block_id,
    characteristic,
    category,
    n
from rounded
