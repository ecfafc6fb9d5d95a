with codes as (

    select
        'legacy' as record_system,
        crime_code,
        basis
    from {{ ref('crime_codes') }}

    union all

    select
        'nibrs' as record_system,
        nibrs_code as crime_code,
        basis
    from {{ ref('nibrs_codes') }}

),

-- of closed years, and in hundredths: the count of a kind of code would tell of a single new report
counted as (

    select
        crimes.record_system,
        codes.basis,
        count(*) / sum(count(*)) over (partition by crimes.record_system) as share
    from {{ ref('int_crimes') }} as crimes
    inner join codes
        on crimes.record_system = codes.record_system and crimes.crime_code = codes.crime_code
    inner join {{ ref('int_closed_years') }} as years
        on
            years.source = 'crimes'
            and extract(year from crimes.date_occurred) = years.year
            and crimes.date_reported <= years.reported_by
    group by crimes.record_system, codes.basis

)

select
    record_system,
    basis,
    {{ rounded('share', 2) }} as share
from counted
order by record_system, basis
