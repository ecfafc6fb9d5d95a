select
    scopes.scope,
    scopes.title,
    scopes.noun,
    scopes.is_layer,
    count(places.place_id) as places_in_scope
from {{ ref('int_scopes') }} as scopes
left join {{ ref('int_places') }} as places
    on scopes.scope = places.scope and places.is_on_boundary_layer
group by scopes.scope, scopes.title, scopes.noun, scopes.is_layer
order by scopes.is_layer, scopes.scope
