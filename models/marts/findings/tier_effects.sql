select * from {{ ref('measured_tier_effects') }}
order by run_id, characteristic
