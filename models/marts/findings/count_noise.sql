select
    scope,
    source,
    record_system,
    category,
    incidents,
    n_places,
    n_months,
    n_steps,
    is_noise_measured,
    is_drift_measured,
    a,
    power,
    correlation,
    drift,
    drift_low,
    drift_high,
    typical_month,
    dispersion_month,
    dispersion_month_low,
    dispersion_month_high,
    dispersion_year,
    dispersion_year_low,
    dispersion_year_high,
    case
        when not is_noise_measured
            then
                'Too few to measure: taken as three times as variable as Poisson counts, and drifting'
                || ' by a tenth a year.'
        else
            printf(
                'A year of the place in the middle varies %.1f times as much as Poisson counts would,'
                || ' by itself; ',
                dispersion_year
            )
            || case
                when is_drift_measured then printf('shares drift by about %.1f %% a year.', 100 * drift)
                else 'too few years to measure drift: taken as a tenth a year.'
            end
    end as sentence
from {{ ref('measured_count_noise') }}
order by scope, source, record_system, category
