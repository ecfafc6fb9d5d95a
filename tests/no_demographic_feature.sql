-- Fails with each feature that is not the incidents, a crime or charge group, or the rare groups together.
{{ config(store_failures=true) }}

with allowed as (

    select
        'crimes' as source,
        crime_group as feature
    from {{ ref('crime_groups') }}

    union all

    select
        'arrests' as source,
        charge_group as feature
    from {{ ref('charge_groups') }}

    union all

    select
        sources.source,
        extras.feature
    from (values ('crimes'), ('arrests')) as sources (source)
    cross join (values ('incidents'), ('rare groups')) as extras (feature)

),

used as (

    select
        'features' as relation,
        source,
        feature
    from {{ ref('features') }}

    union all

    select
        'clustering_inputs' as relation,
        plan.source,
        inputs.feature
    from {{ ref('clustering_inputs') }} as inputs
    inner join {{ ref('planned_runs') }} as plan on inputs.run_id = plan.run_id

)

select
    used.relation,
    used.source,
    used.feature,
    count(*) as n_values
from used
left join allowed on used.source = allowed.source and used.feature = allowed.feature
where allowed.feature is null
group by used.relation, used.source, used.feature
