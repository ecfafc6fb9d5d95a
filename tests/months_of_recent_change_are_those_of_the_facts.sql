-- Fails with each area's window of months, or month beside its expectation, that the facts have otherwise.
with facts as (

    select
        'crimes' as source,
        area_id,
        month,
        sum(crimes) as incidents
    from {{ ref('fct_crimes_monthly') }}
    group by area_id, month

    union all

    select
        'arrests' as source,
        area_id,
        month,
        sum(arrests) as incidents
    from {{ ref('fct_arrests_monthly') }}
    group by area_id, month

),

windows as (

    select
        changes.source,
        changes.place_id,
        changes.comparison as told,
        changes.incidents as told_incidents,
        sum(facts.incidents) as incidents
    from {{ ref('recent_change') }} as changes
    left join facts
        on
            changes.source = facts.source
            and changes.place_id = cast(facts.area_id as varchar)
            and facts.month between changes.window_start and changes.window_end
    where
        changes.scope = 'area'
        and changes.category = 'all'
        and changes.comparison in ('year_to_date_last_year', '12_months_before')
    group by changes.source, changes.place_id, changes.comparison, changes.incidents

),

months as (

    select
        expected.source,
        expected.place_id,
        cast(expected.month as varchar) as told,
        expected.incidents as told_incidents,
        facts.incidents
    from {{ ref('monthly_expected') }} as expected
    left join facts
        on
            expected.source = facts.source
            and expected.place_id = cast(facts.area_id as varchar)
            and expected.month = facts.month
    where expected.scope = 'area' and expected.category = 'all'

),

both_tables as (

    select * from windows
    union all
    select * from months

)

select *
from both_tables
where told_incidents != coalesce(incidents, 0)
