-- Fails with each place of a contiguous run that no way within its cluster joins to the first place there.
{{ config(store_failures=true) }}

with recursive assigned as (

    select
        assignments.run_id,
        assignments.place_id,
        assignments.cluster_rank
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('cluster_runs') }} as runs on assignments.run_id = runs.run_id
    where runs.algorithm = 'ward_contiguous'

),

steps as (

    select
        neighbours.run_id,
        neighbours.place_id,
        neighbours.neighbour_id
    from {{ ref('clustering_neighbours') }} as neighbours
    inner join assigned as here
        on neighbours.run_id = here.run_id and neighbours.place_id = here.place_id
    inner join assigned as there
        on neighbours.run_id = there.run_id and neighbours.neighbour_id = there.place_id
    where here.cluster_rank = there.cluster_rank

),

reached as (

    select
        run_id,
        min(place_id) as place_id
    from assigned
    group by run_id, cluster_rank

    union distinct

    select
        steps.run_id,
        steps.neighbour_id as place_id
    from reached
    inner join steps on reached.run_id = steps.run_id and reached.place_id = steps.place_id

)

select assigned.*
from assigned
left join reached on assigned.run_id = reached.run_id and assigned.place_id = reached.place_id
where reached.place_id is null
