-- Fails with each layer whose places, 'outside' among them, have more or fewer incidents of a month and group
-- than the city has.
with city as (

    select
        source,
        month,
        category,
        record_system,
        sum(incidents) as incidents,
        sum(offenses) as offenses
    from {{ ref('int_monthly_counts') }}
    group by source, month, category, record_system

),

layers as (

    select
        scope,
        source,
        month,
        incident_group as category,
        record_system,
        sum(incidents) as incidents,
        sum(offenses) as offenses
    from {{ ref('fct_layers_monthly') }}
    group by scope, source, month, incident_group, record_system

),

expected as (

    select
        scopes.scope,
        city.*
    from city
    cross join {{ ref('dim_scopes') }} as scopes
    where scopes.is_layer

)

select
    expected.scope,
    expected.source,
    expected.month,
    expected.category,
    expected.incidents,
    layers.incidents as incidents_of_layer
from expected
full join layers
    on
        expected.scope = layers.scope
        and expected.source = layers.source
        and expected.month = layers.month
        and expected.category = layers.category
        and expected.record_system is not distinct from layers.record_system
where
    expected.incidents is distinct from layers.incidents
    or expected.offenses is distinct from layers.offenses
