{#
    Reports that occur more than once among usable rows, every copy, with `copy_rank` 1 for the copy
    that is kept: the one from the later extract, that is the file with the newest report date.

    incidents: the staged relation; tie_breakers: columns that order copies of equal age, so that
    every build keeps the same one.
#}
{% macro report_copies(incidents, tie_breakers) %}
with usable as (

    select * from {{ incidents }}
    where reject_reason is null

),

extracts as (

    select
        file_name,
        -- a report date in the future says nothing of when the extract was made
        max(case when date_reported <= {{ as_of_date() }} then date_reported end) as newest_report
    from usable
    group by file_name

),

repeated as (

    select report_id
    from usable
    group by report_id
    having count(*) > 1

)

select
    usable.*,
    row_number() over (
        partition by usable.report_id
        order by
            extracts.newest_report desc nulls last,
            usable.file_name desc,
            usable.date_reported desc
            {%- for column in tie_breakers %},
            usable.{{ column }}
            {%- endfor %}
    ) as copy_rank
from usable
inner join repeated on usable.report_id = repeated.report_id
inner join extracts on usable.file_name = extracts.file_name
{% endmacro %}


{# The CTE `reports`: every usable report once. #}
{% macro distinct_reports(incidents, copies) %}
reports as (

    select
        staged.*,
        1 as copy_rank
    from {{ incidents }} as staged
    where
        staged.reject_reason is null
        and staged.report_id not in (select copies.report_id from {{ copies }} as copies)

    union all

    select copies.*
    from {{ copies }} as copies
    where copies.copy_rank = 1

)
{% endmacro %}
