{# Fails with each number that is no multiple of the base; nulls pass, for not_null speaks of them. #}
{% test multiple_of(model, column_name, base) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} % {{ base }} != 0
{% endtest %}
