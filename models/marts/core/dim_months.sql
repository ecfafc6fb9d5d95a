select
    month,
    year,
    month_of_year,
    record_system,
    is_whole_for_crimes,
    is_whole_for_arrests
from {{ ref('int_months') }}
order by month
