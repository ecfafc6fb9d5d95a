-- Fails with each window of months of an area or a layer's place, or month beside its expectation, that the
-- facts have otherwise.
with facts as (

    {% for source in ['crimes', 'arrests'] %}
        select
            'area' as scope,
            cast(area_id as varchar) as place_id,
            '{{ source }}' as source,
            month,
            sum({{ source }}) as incidents
        from {{ ref('fct_' ~ source ~ '_monthly') }}
        group by area_id, month

        union all
    {% endfor %}

    select
        scope,
        place_id,
        source,
        month,
        sum(incidents) as incidents
    from {{ ref('fct_layers_monthly') }}
    group by scope, place_id, source, month

),

windows as (

    select
        changes.scope,
        changes.source,
        changes.place_id,
        changes.comparison as told,
        changes.incidents as told_incidents,
        sum(facts.incidents) as incidents
    from {{ ref('recent_change') }} as changes
    left join facts
        on
            changes.scope = facts.scope
            and changes.source = facts.source
            and changes.place_id = facts.place_id
            and facts.month between changes.window_start and changes.window_end
    where
        changes.scope not in ('city', 'district')
        and changes.category = 'all'
        and changes.comparison in ('year_to_date_last_year', '12_months_before')
    group by changes.scope, changes.source, changes.place_id, changes.comparison, changes.incidents

),

months as (

    select
        expected.scope,
        expected.source,
        expected.place_id,
        cast(expected.month as varchar) as told,
        expected.incidents as told_incidents,
        facts.incidents
    from {{ ref('monthly_expected') }} as expected
    left join facts
        on
            expected.scope = facts.scope
            and expected.source = facts.source
            and expected.place_id = facts.place_id
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
