select
    month,
    year as calendar_year,
    month_of_year,
    record_system as record_system_of_month,
    is_whole_for_crimes as is_whole_month_of_crimes,
    is_whole_for_arrests as is_whole_month_of_arrests
from {{ ref('int_months') }}
order by month
