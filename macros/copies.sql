{#
    Reports that occur more than once among usable rows, every copy, with `copy_rank` 1 for the copy
    that is kept: the one from the later extract, that is the file with the newest report date.

    incidents: the staged relation; key: what tells reports apart; tie_breakers: columns that order copies of equal age, so that
    every build keeps the same one.
#}
{% macro report_copies(incidents, tie_breakers, key='report_id') %}
with extracts as (

    select
        file_name,
        -- a report date in the future says nothing of when the extract was made
        max(case when date_reported <= {{ as_of_date() }} then date_reported end) as newest_report
    from {{ incidents }}
    where reject_reason is null
    group by file_name

),

repeated as (

    select {{ key }}
    from {{ incidents }}
    where reject_reason is null
    group by {{ key }}
    having count(*) > 1

)

select
    usable.*,
    row_number() over (
        partition by usable.{{ key }}
        order by
            extracts.newest_report desc nulls last,
            usable.file_name desc,
            usable.date_reported desc nulls last
            {%- for column in tie_breakers %},
            usable.{{ column }} asc nulls last
            {%- endfor %}
    ) as copy_rank
from {{ incidents }} as usable
inner join repeated on usable.{{ key }} = repeated.{{ key }}
inner join extracts on usable.file_name = extracts.file_name
where usable.reject_reason is null
{% endmacro %}


{# A query for every usable report once. #}
{% macro distinct_reports(incidents, copies, key='report_id') %}
    select
        staged.*,
        1 as copy_rank
    from {{ incidents }} as staged
    where
        staged.reject_reason is null
        and staged.{{ key }} not in (select copies.{{ key }} from {{ copies }} as copies)

    union all

    select copies.*
    from {{ copies }} as copies
    where copies.copy_rank = 1
{% endmacro %}
