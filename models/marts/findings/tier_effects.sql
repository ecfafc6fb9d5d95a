select * exclude (inputs_hash) from {{ ref('measured_tier_effects') }}
order by run_id, characteristic
