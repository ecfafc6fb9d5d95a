-- the kinds of places that are compared: the department's own, and a layer each of the data folder
select
    'area' as scope,
    'Areas' as title,
    'area' as noun,
    false as is_layer

union all

select
    'district' as scope,
    'Districts' as title,
    'district' as noun,
    false as is_layer

union all

select distinct
    scope,
    title,
    noun,
    true as is_layer
from {{ ref('int_layer_places') }}
order by is_layer, scope
