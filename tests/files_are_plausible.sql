-- Fails with each file whose values are not what such files have; `sentence` says what is odd and what to do.
{{ config(store_failures=true) }}

select
    file_name,
    check_name,
    sentence
from {{ ref('file_plausibility') }}
where not is_plausible
