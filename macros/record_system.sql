{#
    The record system of a period, as SQL: that which all but `mixed_systems_share` of its crimes are of,
    'both' where neither is, null without crimes. A report that came late puts a case of NIBRS into an earlier
    year: a few do not mix the units.

    nibrs_share: the share of the crimes that NIBRS recorded, 0 to 1.
#}
{% macro record_system_of(nibrs_share) -%}
    case
        when {{ nibrs_share }} <= {{ var('mixed_systems_share') }} then 'legacy'
        when {{ nibrs_share }} >= 1 - {{ var('mixed_systems_share') }} then 'nibrs'
        when {{ nibrs_share }} is not null then 'both'
    end
{%- endmacro %}


{# The record systems whose years findings compare: all, unless the city's files moved from one to another. #}
{% macro compared_record_systems() %}
    {{ return(var('compared_record_systems') if city('nibrs_break') else ['legacy', 'nibrs']) }}
{% endmacro %}
