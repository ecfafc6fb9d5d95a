-- Fails with each effect size outside its interval, or with half an interval, and each characteristic that
-- made the clusters and is tested, or the other way round.
{{ config(store_failures=true) }}

select *
from {{ ref('tier_effects') }}
where
    low > effect_size
    or high < effect_size
    or (low is null) != (high is null)
    or used_in_clustering != (verdict = 'used in clustering')
    or (used_in_clustering and effect_size is not null)
