-- Fails with each code range that ends before it begins, or does not begin where the one before it ends.
with ranges as (

    select
        *,
        lag(code_to) over (partition by code_system order by code_from, code_to) as previous_code_to
    from {{ ref('code_ranges') }}

)

select
    code_system,
    previous_code_to,
    code_from,
    code_to
from ranges
where code_to < code_from or code_from != previous_code_to + 1
