{%- set areas, districts = city('areas') or ['', ''], city('districts') or ['', ''] -%}
-- the kinds of places that are compared: the department's own, and a layer each of the data folder
select
    'area' as scope,
    '{{ quoted(areas[0]) }}' as title,
    '{{ quoted(areas[1]) }}' as noun,
    false as is_layer

union all

select
    'district' as scope,
    '{{ quoted(districts[0]) }}' as title,
    '{{ quoted(districts[1]) }}' as noun,
    false as is_layer

union all

select distinct
    scope,
    title,
    noun,
    true as is_layer
from {{ ref('int_layer_places') }}
order by is_layer, scope
