-- Fails with each period of which more than mixed_systems_share was recorded by the other system and that
-- is taken for complete, compared with others, or clustered without a word of it.
with monthly as (

    select
        month,
        record_system,
        sum(crimes) as crimes
    from {{ ref('fct_crimes_monthly') }}
    group by month, record_system

),

counted as (

    select
        periods.period_id,
        periods.is_complete,
        periods.is_comparable,
        sum(monthly.crimes) as crimes,
        coalesce(sum(monthly.crimes) filter (where monthly.record_system = 'nibrs'), 0) as nibrs_cases
    from {{ ref('dim_periods') }} as periods
    inner join monthly on monthly.month between periods.start_date and periods.end_date
    group by periods.period_id, periods.is_complete, periods.is_comparable

),

mixed as (

    select *
    from counted
    where least(nibrs_cases, crimes - nibrs_cases) > {{ var('mixed_systems_share') }} * crimes

)

select
    mixed.*,
    runs.run_id,
    runs.caution
from mixed
left join {{ ref('cluster_runs') }} as runs
    on mixed.period_id = runs.period_id and runs.source = 'crimes'
where
    mixed.is_complete
    or mixed.is_comparable
    or runs.caution not like '%cases after it%'
    or (runs.run_id is not null and runs.caution is null)
