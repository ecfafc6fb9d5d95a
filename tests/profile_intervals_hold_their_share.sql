-- Fails with each profile cell whose share or quotient lies outside its interval, or that has an interval
-- where it is hidden, or none where it is shown.
{{ config(store_failures=true) }}

select
    scope,
    place_id,
    period_id,
    source,
    characteristic,
    category,
    share_low,
    share,
    share_high,
    location_quotient_low,
    location_quotient,
    location_quotient_high
from {{ ref('place_profiles') }}
where
    case
        when is_suppressed
            then
                coalesce(
                    share_low, share_high, location_quotient_low, location_quotient_high
                ) is not null
        else
            not coalesce(
                share_low between 0 and share
                and share_high between share and 1
                and location_quotient between location_quotient_low and location_quotient_high,
                false
            )
    end
