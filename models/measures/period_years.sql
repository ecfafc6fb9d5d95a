-- the comparable years that each period sums, a year's own row among them
select
    periods.period_id,
    years.period_id as year_id
from {{ ref('dim_periods') }} as periods
inner join {{ ref('dim_periods') }} as years
    on years.start_date between periods.start_date and periods.end_date
where years.is_single_year and years.is_comparable
order by periods.start_date, periods.end_date, years.start_date
