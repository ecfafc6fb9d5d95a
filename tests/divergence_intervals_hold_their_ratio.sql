-- Fails with each ratio of arrests to crimes outside its interval; no crimes, no ratio.
{{ config(store_failures=true) }}

select *
from {{ ref('crime_arrest_divergence') }}
where
    ci_low > arrests_per_100_crimes
    or ci_high < arrests_per_100_crimes
    or (crimes > 0) != (arrests_per_100_crimes is not null)
    or abs(arrests_per_100_crimes - 100 * arrests / nullif(crimes, 0)) > 1e-4
