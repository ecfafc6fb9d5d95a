select
    scope,
    source,
    cast(sum(incidents) as bigint) as incidents,
    cast(coalesce(sum(incidents) filter (where place_id = 'outside'), 0) as bigint) as outside,
    cast(sum(on_border) as bigint) as on_border,
    cast(sum(in_several) as bigint) as in_several,
    cast(sum(by_district) as bigint) as by_district,
    cast(sum(nowhere) as bigint) as nowhere
from {{ ref('int_layer_counts') }}
group by scope, source
order by scope, source
