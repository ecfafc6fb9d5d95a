select
    source,
    record_system,
    category,
    newest_report,
    is_delay_own,
    delay_days,
    whole_through,
    is_current
from {{ ref('int_whole_days') }}
order by source, record_system, category
