{#
    Two days' months in words, as SQL: 'January to August', or 'January' where they are of one.

    first: the first day; last: the last day.
#}
{% macro months_from_to(first, last) -%}
    strftime({{ first }}, '%B')
    || case
        when month({{ first }}) = month({{ last }}) then ''
        else strftime({{ last }}, ' to %B')
    end
{%- endmacro %}
