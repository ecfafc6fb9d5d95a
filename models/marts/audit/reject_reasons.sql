{%- set sources = ['crimes', 'arrests', 'nibrs_offenses'] -%}

with staged as (

    {% for source in sources %}
        select
            '{{ source }}' as source_name,
            file_name,
            reject_reason,
            nullif({{ trimmed('rejected_value') }}, '') as rejected_value
        from {{ ref('stg_' ~ source) }}
        where reject_reason is not null and reject_reason != '{{ blank_row() }}'

        {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    select
        source_name,
        file_name,
        reject_reason,
        rejected_value,
        count(*) as n
    from staged
    group by source_name, file_name, reject_reason, rejected_value

)

select
    source_name,
    file_name,
    reject_reason as reason,
    cast(sum(n) as bigint) as rows,
    -- the most frequent
    max_by(rejected_value, (n, rejected_value)) filter (where rejected_value is not null) as example_value
from counted
group by source_name, file_name, reject_reason
order by source_name, file_name, reason
