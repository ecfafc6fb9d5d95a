-- Fails with each period that does not run from a 1 January to a 31 December, or to the newest data.
select
    period_id,
    start_date,
    end_date
from {{ ref('periods') }}
where
    start_date != date_trunc('year', start_date)
    or end_date + interval 1 day != date_trunc('year', end_date + interval 1 day)
    or end_date < start_date
