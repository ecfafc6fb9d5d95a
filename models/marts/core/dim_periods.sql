select
    period_id,
    period_name,
    start_date,
    end_date,
    is_complete,
    crosses_nibrs_break,
    record_system,
    nibrs_share,
    has_short_weeks,
    is_comparable,
    caution,
    is_single_year,
    months_in_period,
    months_with_crimes,
    crimes
from {{ ref('int_periods') }}
order by start_date asc, end_date desc
