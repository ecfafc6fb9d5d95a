-- the kinds of places that are compared: the department's own, and a layer each of the data folder
{% set settings = {'area': 'areas', 'district': 'small_areas'} %}
{% for scope, setting in settings.items() if scope == 'area' or city(setting) %}
    {%- set title, noun = city(setting) or ['', ''] %}
    select
        '{{ scope }}' as scope,
        '{{ quoted(title) }}' as title,
        '{{ quoted(noun) }}' as noun,
        false as is_layer

    union all
{% endfor %}

select distinct
    scope,
    title,
    noun,
    true as is_layer
from {{ ref('int_layer_places') }}
order by is_layer, scope
