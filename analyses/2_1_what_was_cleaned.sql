-- Cleaning: what became of the rows that were read, why were some rejected, and how many of those
-- kept did each rule touch? One row per source, step and what was found.
with steps as (

    select
        source_name,
        1 as step_number,
        'read' as step,
        'all rows' as what,
        sum(rows_read) as n_rows
    from {{ ref('row_reconciliation') }}
    group by source_name

    union all

    select
        source_name,
        2 as step_number,
        'rejected' as step,
        reason as what,
        sum(rows) as n_rows
    from {{ ref('reject_reasons') }}
    group by source_name, reason

    union all

    select
        source_name,
        3 as step_number,
        'duplicate' as step,
        'the report is in a later extract' as what,
        sum(rows_duplicate) as n_rows
    from {{ ref('row_reconciliation') }}
    group by source_name

    union all

    select
        source_name,
        4 as step_number,
        'kept' as step,
        'all rows' as what,
        sum(rows_kept) as n_rows
    from {{ ref('row_reconciliation') }}
    group by source_name

    union all

    select
        source_name,
        5 as step_number,
        'kept, with a flag or an unknown value' as step,
        rule as what,
        rows as n_rows
    from {{ ref('cleaning_counts') }}

    union all

    select
        source_name,
        6 as step_number,
        'kept, but not classified' as step,
        coalesce('code ' || code, 'no code') as what,
        rows as n_rows
    from {{ ref('unclassified_codes') }}

),

final as (

    select
        source_name,
        step,
        what,
        n_rows,
        round(
            n_rows / max(case when step = 'read' then n_rows end) over (partition by source_name), 6
        ) as share_of_rows_read,
        step_number
    from steps

)

select
    source_name,
    step,
    what,
    n_rows,
    share_of_rows_read
from final
order by source_name desc, step_number asc, n_rows desc, what asc
