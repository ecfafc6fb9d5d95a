with spots as (

    {{ placed_in_layers(ref('int_spot_counts')) }}

),

-- NIBRS names every offence of a case; the old system one charge a report
counted as (

    select
        scope,
        place_id,
        case source when 'offenses' then 'crimes' else source end as source,
        month,
        category,
        record_system,
        found,
        case when source = 'offenses' then 0 else n end as incidents,
        case when source = 'offenses' then n else 0 end as offenses
    from spots

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
