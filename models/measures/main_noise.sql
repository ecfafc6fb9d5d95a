-- the noise that recounts use: of each scope, source and group that of the record system with most months
with ranked as (

    select
        *,
        row_number() over (
            partition by scope, source, category order by n_months desc, record_system asc
        ) as place_in_line
    from {{ ref('measured_count_noise') }}

)

select
    scope,
    source,
    category,
    record_system,
    a,
    power,
    correlation,
    drift
from ranked
where place_in_line = 1
order by scope, source, category
