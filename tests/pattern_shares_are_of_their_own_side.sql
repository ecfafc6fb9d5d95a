-- Fails with each place whose share of a pattern is not its part of that side's incidents, and each pair
-- whose index is not the share of its similar places.
{{ config(store_failures=true) }}

with counts as (

    select
        *,
        sum(left_n) over pair as left_total,
        sum(right_n) over pair as right_total
    from {{ ref('pattern_counts') }}
    window pair as (partition by scope, compared, left_id, right_id)

),

places as (

    select
        *,
        avg(cast(is_similar as integer))
            over (partition by scope, compared, left_id, right_id) as share_similar
    from {{ ref('pattern_places') }}

)

select
    places.*,
    counts.left_n,
    counts.right_n,
    pairs.s_index
from places
inner join {{ ref('pattern_similarity') }} as pairs
    on
        places.scope = pairs.scope
        and places.compared = pairs.compared
        and places.left_id = pairs.left_id
        and places.right_id = pairs.right_id
left join counts
    on
        places.scope = counts.scope
        and places.compared = counts.compared
        and places.left_id = counts.left_id
        and places.right_id = counts.right_id
        and places.place_id = counts.place_id
where
    not coalesce(
        abs(places.left_share - counts.left_n / counts.left_total) < 1e-6
        and abs(places.right_share - counts.right_n / counts.right_total) < 1e-6
        and abs(places.share_similar - pairs.s_index) < 1e-6,
        false
    )
