-- Fails with each tier that has a larger share of a category than another tier, and a lower quotient.
{{ config(store_failures=true) }}

with ordered as (

    select
        run_id,
        characteristic,
        category,
        cluster_rank,
        share,
        location_quotient,
        lag(location_quotient) over (
            partition by run_id, characteristic, category
            order by share, location_quotient
        ) as quotient_of_smaller_share
    from {{ ref('cluster_profiles') }}
    where not is_suppressed

)

select *
from ordered
where location_quotient < quotient_of_smaller_share or (location_quotient > 0) != (share > 0)
