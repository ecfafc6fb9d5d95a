-- Exploration: which crimes are recorded, and how did each group's share change between the first
-- and the last complete year? The facts have the two sensitive groups and other offences as one.
-- One row per crime group.
with crime_groups as (

    select * from {{ ref('dim_crime_groups') }}

),

facts as (

    select * from {{ ref('fct_crimes_monthly') }}

),

complete_years as (

    select
        min(start_date) as first_start,
        max(start_date) as last_start
    from {{ ref('dim_periods') }}
    where is_complete and period_id = cast(extract(year from start_date) as varchar)

),

counted as (

    select
        facts.crime_group,
        sum(facts.crimes) as crimes,
        sum(case when date_trunc('year', facts.month) = complete_years.first_start then facts.crimes end)
            as crimes_first_year,
        sum(case when date_trunc('year', facts.month) = complete_years.last_start then facts.crimes end)
            as crimes_last_year,
        min(extract(year from complete_years.first_start)) as first_complete_year,
        min(extract(year from complete_years.last_start)) as last_complete_year
    from facts
    cross join complete_years
    group by facts.crime_group

),

final as (

    select
        crime_groups.crime_group_name,
        crime_groups.broad_category,
        counted.crimes,
        round(counted.crimes / sum(counted.crimes) over (), 4) as share,
        counted.first_complete_year,
        round(counted.crimes_first_year / sum(counted.crimes_first_year) over (), 4)
            as share_first_complete_year,
        counted.last_complete_year,
        round(counted.crimes_last_year / sum(counted.crimes_last_year) over (), 4)
            as share_last_complete_year
    from counted
    inner join crime_groups on counted.crime_group = crime_groups.crime_group

)

select * from final
order by crimes desc, crime_group_name asc
