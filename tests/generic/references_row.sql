{# Fails with each combination of the columns that another table, whose columns have the same names, lacks. #}
{% test references_row(model, columns, to) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_without
from {{ model }}
anti join {{ to }} using ({{ columns | join(', ') }})
where {{ columns | join(' is not null and ') }} is not null
group by {{ columns | join(', ') }}
{% endtest %}
