-- Fails with each ok hierarchical run whose merges do not make one cluster of all, or whose heights fall
-- though any two places may be merged, and each other run with merges.
{{ config(store_failures=true) }}

with runs as (

    select
        run_id,
        n_places,
        linkage,
        coalesce(status = 'ok' and linkage is not null, false) as has_linkage
    from {{ ref('cluster_runs') }}

),

linkage_steps as (

    select
        *,
        lag(height) over (partition by run_id order by step) as height_before
    from {{ ref('cluster_linkage') }}

),

joined as (

    select
        run_id,
        count(*) as n_merges,
        count(*) filter (where height < height_before) as n_falls,
        max(step) as last_step,
        arg_max(size, step) as last_size
    from linkage_steps
    group by run_id

),

merged as (

    select
        run_id,
        left_id as part_id
    from linkage_steps

    union all

    select
        run_id,
        right_id as part_id
    from linkage_steps

),

-- every cluster but the last is merged into another, once
parts as (

    select
        run_id,
        count(distinct part_id) as n_parts,
        max(part_id) as last_part
    from merged
    group by run_id

)

select
    runs.run_id,
    runs.n_places,
    joined.n_merges,
    joined.last_step,
    joined.last_size,
    parts.n_parts,
    parts.last_part
from runs
left join joined on runs.run_id = joined.run_id
left join parts on runs.run_id = parts.run_id
where
    (not runs.has_linkage and joined.run_id is not null)
    or (
        runs.has_linkage
        and not coalesce(
            joined.n_merges = runs.n_places - 1
            and (joined.n_falls = 0 or runs.linkage = 'ward_contiguous')
            and joined.last_step = runs.n_places - 2
            and joined.last_size = runs.n_places
            and parts.n_parts = 2 * (runs.n_places - 1)
            and parts.last_part = 2 * runs.n_places - 3,
            false
        )
    )
