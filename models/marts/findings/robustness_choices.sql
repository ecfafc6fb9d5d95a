select * from {{ ref('measured_robustness_choices') }}
order by scope, dimension, choice
