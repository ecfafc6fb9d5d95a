{#
    The verdict on a claim, as SQL, by its `supported_if`: what the measure must be, held against the
    claim's threshold. Between the bounds of an interval nothing is decided. 'at least or ceiling' asks
    for no more than `high`, the most that the measure can be expected to reach.

    measured: the relation with value, low and high; asked: the one with supported_if and threshold.
#}
{% macro verdict_of(measured, asked) -%}
    case
        when {{ measured }}.value is null then 'inconclusive'
        when {{ asked }}.supported_if = 'equal'
            then case when {{ measured }}.value = {{ asked }}.threshold then 'supported' else 'not supported' end
        when {{ asked }}.supported_if = 'at least'
            then case when {{ measured }}.value >= {{ asked }}.threshold then 'supported' else 'not supported' end
        when {{ asked }}.supported_if = 'at least or ceiling'
            then case
                when {{ measured }}.value >= least({{ asked }}.threshold, {{ measured }}.high) then 'supported'
                else 'not supported'
            end
        when {{ asked }}.supported_if = 'above'
            then case
                when coalesce({{ measured }}.low, {{ measured }}.value) > {{ asked }}.threshold then 'supported'
                when coalesce({{ measured }}.high, {{ measured }}.value) < {{ asked }}.threshold
                    then 'not supported'
                else 'inconclusive'
            end
        when {{ asked }}.supported_if = 'not above'
            then case
                when {{ measured }}.low > {{ asked }}.threshold then 'not supported'
                when {{ measured }}.value <= {{ asked }}.threshold then 'supported'
                else 'inconclusive'
            end
        when {{ asked }}.supported_if = 'below'
            then case
                when {{ measured }}.high < {{ asked }}.threshold then 'supported'
                when {{ measured }}.low >= {{ asked }}.threshold then 'not supported'
                else 'inconclusive'
            end
    end
{%- endmacro %}
