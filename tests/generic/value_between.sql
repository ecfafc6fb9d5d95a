{# Fails with each value outside the bounds; nulls pass, for not_null speaks of them. #}
{% test value_between(model, column_name, low, high) %}
select {{ column_name }}
from {{ model }}
where not {{ column_name }} between {{ low }} and {{ high }}
{% endtest %}
