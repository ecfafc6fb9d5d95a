-- what the department first recorded in the old system and then in NIBRS, under the same number
with reports as (

    {{ distinct_reports(ref('stg_crimes'), ref('int_crime_copies')) }}

),

cases as (

    select report_id
    from {{ ref('int_nibrs_offenses') }}
    where seriousness_rank = 1

)

select
    reports.report_id,
    reports.file_name,
    reports.date_occurred
from reports
inner join cases on reports.report_id = cases.report_id
