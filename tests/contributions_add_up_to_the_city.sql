-- Fails with each breakdown of a change whose parts do not add up to the city's.
with parts as (

    select
        source,
        comparison,
        breakdown,
        sum(incidents) as incidents,
        sum(difference) as difference
    from {{ ref('change_contributions') }}
    group by source, comparison, breakdown

)

select parts.*
from parts
left join {{ ref('recent_change') }} as city
    on
        parts.source = city.source
        and parts.comparison = city.comparison
        and city.scope = 'city'
        and city.category = 'all'
where
    parts.incidents is distinct from city.incidents
    -- the city's difference has one decimal
    or abs(parts.difference - city.difference) > 0.051
