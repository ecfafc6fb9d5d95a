-- Business understanding: what data is this, from which files, and over which days?
-- One row per file.
with files as (

    select * from {{ ref('row_reconciliation') }}

),

build as (

    select * from {{ ref('build_info') }}

),

months as (

    select
        'crimes' as source_name,
        min(month) as first_month,
        max(month) as last_month
    from {{ ref('fct_crimes_monthly') }}

    union all

    select
        'arrests' as source_name,
        min(month) as first_month,
        max(month) as last_month
    from {{ ref('fct_arrests_monthly') }}

),

final as (

    select
        build.dataset_kind,
        files.source_name,
        files.file_name,
        files.layout,
        files.rows_read,
        files.rows_kept,
        months.first_month as first_month_of_source,
        months.last_month as last_month_of_source
    from files
    cross join build
    left join months on files.source_name = months.source_name

)

select * from final
order by source_name desc, file_name asc
