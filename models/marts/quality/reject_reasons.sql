with staged as (

    select
        'crimes' as source_name,
        file_name,
        reject_reason
    from {{ ref('stg_crimes') }}

    union all

    select
        'arrests' as source_name,
        file_name,
        reject_reason
    from {{ ref('stg_arrests') }}

    union all

    select
        'nibrs_offenses' as source_name,
        file_name,
        reject_reason
    from {{ ref('stg_nibrs_offenses') }}

)

select
    source_name,
    file_name,
    reject_reason as reason,
    count(*) as rows
from staged
where reject_reason is not null
group by source_name, file_name, reject_reason
order by source_name, file_name, reason
