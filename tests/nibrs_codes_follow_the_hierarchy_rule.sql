-- Fails with each NIBRS code that is ranked before one of a more serious class.
with classed as (

    select
        nibrs_code,
        seriousness,
        case
            -- the FBI's Part I offences, by the beginning of their codes
            when part = 1
                then list_position(
                    ['09', '11', '12', '13', '22', '24', '23', '20', '64'], left(nibrs_code, 2)
                )
            else 9 + list_position(['person', 'property', 'society', 'any', 'none'], crime_against)
        end as hierarchy
    from {{ ref('nibrs_codes') }}

),

compared as (

    select
        *,
        max(hierarchy) over (order by seriousness) as hierarchy_reached
    from classed

)

select
    nibrs_code,
    seriousness,
    hierarchy,
    hierarchy_reached
from compared
where hierarchy is null or hierarchy < hierarchy_reached
