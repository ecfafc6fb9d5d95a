-- a year against the highest other one: all reports are counted, so that there is nothing to be unsure of
with asked as (

    select
        claim_id,
        subject_id,
        coalesce(first_id, '') as first_id,
        coalesce(last_id, '9999') as last_id
    from {{ ref('study_claims_asked') }}
    where evidence = 'peaks'

),

years as (

    select
        period_id,
        crimes_in_period
    from {{ ref('dim_periods') }}
    where is_single_year and is_comparable

),

peaks as (

    select
        asked.claim_id,
        max(years.crimes_in_period) filter (where years.period_id = asked.subject_id) as own_crimes,
        max(years.crimes_in_period) filter (where years.period_id != asked.subject_id) as other_crimes,
        arg_max(years.period_id, years.crimes_in_period) filter (
            where years.period_id != asked.subject_id
        ) as other_year,
        count(*) as n_years
    from asked
    inner join years on years.period_id between asked.first_id and asked.last_id
    group by asked.claim_id

)

select
    claim_id,
    'city' as scope,
    round(own_crimes / other_crimes, 9) as value,
    cast(null as double) as low,
    cast(null as double) as high,
    cast(n_years - 1 as varchar) as detail_0,
    other_year as detail_1,
    '' as detail_2
from peaks
where own_crimes is not null and other_crimes is not null
order by claim_id
