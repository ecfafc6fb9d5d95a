with crimes as (

    {{ placed_in_layers(ref('int_crimes'), 'crimes') }}

),

-- NIBRS names every offence of a case; the old system one charge a report
offenses as (

    {{ placed_in_layers(ref('int_nibrs_offenses'), 'crimes') }}

),

arrests as (

    {{ placed_in_layers(ref('int_arrests'), 'arrests') }}

),

counted as (

    {% for incidents, source, record_system in [
        ('crimes', 'crimes', 'record_system'), ('offenses', 'crimes', "'nibrs'"), ('arrests', 'arrests', 'null'),
    ] %}
        select
            scope,
            place_id,
            '{{ source }}' as source,
            cast(date_trunc('month', date_occurred) as date) as month,
            district_group as category,
            {{ record_system }} as record_system,
            found,
            {{ '0' if incidents == 'offenses' else 'count(*)' }} as incidents,
            {{ 'count(*)' if incidents == 'offenses' else '0' }} as offenses
        from {{ incidents }}
        group by scope, place_id, source, month, category, record_system, found
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    scope,
    place_id,
    source,
    month,
    category,
    record_system,
    cast(sum(incidents) as bigint) as incidents,
    case when record_system = 'nibrs' then cast(sum(offenses) as bigint) end as offenses,
    cast(coalesce(sum(incidents) filter (where found = 'on a border'), 0) as bigint) as on_border,
    cast(coalesce(sum(incidents) filter (where found = 'in several'), 0) as bigint) as in_several,
    cast(
        coalesce(sum(incidents) filter (where found in ('by district', 'by area')), 0) as bigint
    ) as by_district,
    cast(coalesce(sum(incidents) filter (where found = 'nowhere'), 0) as bigint) as nowhere
from counted
group by scope, place_id, source, month, category, record_system
order by scope, place_id, source, month, category, record_system
