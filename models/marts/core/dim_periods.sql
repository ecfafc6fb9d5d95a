select
    period_id,
    period_name,
    start_date,
    end_date,
    is_complete,
    crosses_nibrs_break,
    record_system as record_system_of_period,
    nibrs_share,
    has_short_weeks,
    is_comparable,
    caution as caution_of_period,
    is_single_year,
    months_in_period,
    months_with_crimes,
    crimes as crimes_in_period
from {{ ref('int_periods') }}
order by start_date asc, end_date desc
