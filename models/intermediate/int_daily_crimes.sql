select
    date_occurred,
    count(*) as crimes,
    count(*) filter (where record_system = 'nibrs') as nibrs_cases
from {{ ref('int_crimes') }}
group by date_occurred
