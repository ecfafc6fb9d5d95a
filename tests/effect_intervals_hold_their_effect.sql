-- Fails with each effect size outside its interval, or with half an interval.
{{ config(store_failures=true) }}

select *
from {{ ref('tier_effects') }}
where
    low > effect_size
    or high < effect_size
    or (low is null) != (high is null)
