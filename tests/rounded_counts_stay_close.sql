-- Fails with each rounded count, and each table of them, that is a whole base or more from the true one.
{{ config(store_failures=true) }}

with blocks as (

    select distinct
        scope,
        source,
        block_id,
        year
    from {{ ref('int_profile_blocks') }}

),

true_counts as (

    {% for scope, place, unshown in [
        ('area', 'area_id', "('incidents', 'district_group')"),
        ('district', 'small_area', "('incidents', 'crime_group', 'charge_group')"),
    ] %}
        select
            blocks.scope,
            cast(counts.{{ place }} as varchar) as place_id,
            counts.source,
            blocks.block_id,
            case
                when counts.characteristic = 'district_group' and counts.source = 'crimes' then 'crime_group'
                when counts.characteristic = 'district_group' then 'charge_group'
                else counts.characteristic
            end as characteristic,
            counts.category,
            sum(counts.n) as n
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

compared as (

    select
        true_counts.*,
        rounded.n as n_rounded
    from true_counts
    full outer join {{ ref('int_protected_counts') }} as rounded
        on
            true_counts.scope = rounded.scope
            and true_counts.place_id = rounded.place_id
            and true_counts.source = rounded.source
            and true_counts.block_id = rounded.block_id
            and true_counts.characteristic = rounded.characteristic
            and true_counts.category = rounded.category

),

-- groups of an area are several tables, and each may be off by up to a base
tables as (

    select
        scope,
        place_id,
        source,
        block_id,
        characteristic,
        sum(n) as n,
        sum(n_rounded) as n_rounded
    from compared
    where not (scope = 'area' and characteristic in ('crime_group', 'charge_group'))
    group by scope, place_id, source, block_id, characteristic

)

select
    scope,
    place_id,
    source,
    block_id,
    characteristic,
    category,
    n,
    n_rounded
from compared
where n is null or n_rounded is null or abs(n - n_rounded) >= {{ var('rounding_base') }}

union all

select
    scope,
    place_id,
    source,
    block_id,
    characteristic,
    '(all)' as category,
    n,
    n_rounded
from tables
where abs(n - n_rounded) >= {{ var('rounding_base') }}
