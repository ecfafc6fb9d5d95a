-- Exploration: what are arrests made for? Arrests measure enforcement, not crime. The facts have
-- the sensitive groups and miscellaneous as one. One row per charge group.
with charge_groups as (

    select * from {{ ref('dim_charge_groups') }}

),

facts as (

    select * from {{ ref('fct_arrests_monthly') }}

),

final as (

    select
        charge_groups.charge_group_name,
        charge_groups.matched_crime_group,
        sum(facts.arrests) as arrests,
        round(sum(facts.arrests) / sum(sum(facts.arrests)) over (), 4) as share,
        min(facts.month) as first_month,
        max(facts.month) as last_month
    from facts
    inner join charge_groups on facts.charge_group = charge_groups.charge_group
    group by charge_groups.charge_group_name, charge_groups.matched_crime_group

)

select * from final
order by arrests desc, charge_group_name asc
