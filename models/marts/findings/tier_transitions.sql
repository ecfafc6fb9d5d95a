select * from {{ ref('measured_transitions') }}
