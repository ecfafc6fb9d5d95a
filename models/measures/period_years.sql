-- the comparable years that each period sums, a year's own row among them
with years as (

    select
        period_id as year_id,
        extract(year from start_date) as year,
        start_date,
        end_date
    from {{ ref('int_periods') }}
    where is_single_year and is_comparable

),

-- a year of arrests is whole by the rule by which int_periods takes one of crimes for complete
arrests as (

    select
        extract(year from date_occurred) as year,
        count(distinct extract(month from date_occurred)) as n_months,
        max(date_occurred) as newest_arrest
    from {{ ref('int_arrests') }}
    group by extract(year from date_occurred)

)

select
    periods.period_id,
    years.year_id,
    cast(years.year as integer) as year,
    coalesce(
        arrests.n_months = 12
        and {{ days_between('arrests.newest_arrest', 'years.end_date') }} <= {{ var('whole_to_days') }},
        false
    ) as has_arrests
from {{ ref('int_periods') }} as periods
inner join years on years.start_date between periods.start_date and periods.end_date
left join arrests on years.year = arrests.year
order by periods.start_date, periods.end_date, years.start_date
