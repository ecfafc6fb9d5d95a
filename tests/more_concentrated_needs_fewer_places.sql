-- Fails with each concentration whose shares fall as they hold more, or that leaves its range or interval.
{{ config(store_failures=true) }}

select *
from {{ ref('crime_concentration') }}
where not (
    district_share_for_25pct <= district_share_for_50pct
    and district_share_for_50pct <= district_share_for_80pct
    and km2_share_for_25pct <= km2_share_for_50pct
    and km2_share_for_50pct <= km2_share_for_80pct
    and gini between 0 and 1
    and generalised_gini between 0 and 1
    and generalised_gini <= gini + 1e-6
    and gini between gini_low and gini_high
    and generalised_gini between generalised_gini_low and generalised_gini_high
    and district_share_for_50pct between district_share_for_50pct_low and district_share_for_50pct_high
    and km2_share_for_50pct between km2_share_for_50pct_low and km2_share_for_50pct_high
)
