{#
    CTEs that hide small cells, and the cells that would give them away. The last is `suppressed`:
    every column of `counts` and `is_suppressed`. They come after `with recursive`.

    A cell under the threshold is hidden. Wherever cells add up to a total that is known (a relation),
    a single hidden cell could be had by subtraction, and hidden cells that add up to less than the
    threshold nearly so; there the smallest shown cell is hidden too. Each such step can open a gap
    in another relation, so the steps are repeated for as long as they hide anything.

    counts: a CTE with a column `n`; relations: lists of columns, each a partition whose cells add
    up; cell: the columns that tell cells apart, which also choose between equally small ones;
    gives_away: a condition for cells that another table's hidden cells could be had from.
#}
{% macro suppressed(counts, relations, cell, gives_away='false') %}
{% set threshold = var('suppression_threshold') %}
{% set relation_ids %}{% for _ in relations %}relation_{{ loop.index }}, {% endfor %}{% endset %}
numbered as (

    select
        *,
        n < {{ threshold }} or {{ gives_away }} as is_small,
        row_number() over (order by n, {{ cell | join(', ') }}) as size_rank
        {%- for relation in relations %},
        dense_rank() over (order by {{ relation | join(', ') }}) as relation_{{ loop.index }}
        {%- endfor %}
    from {{ counts }}

),

hidden as (

    select
        0 as round,
        size_rank,
        {{ relation_ids }}
        n,
        is_small as is_hidden
    from numbered

    union all

    (

        with step_0 as (

            select
                *,
                is_hidden as was_hidden
            from hidden

        ),

        {% for _ in relations %}
        -- the smallest shown cell wherever the hidden ones could be had
        next_{{ loop.index }} as (

            select min(size_rank) filter (where not is_hidden) as size_rank
            from step_{{ loop.index0 }}
            group by relation_{{ loop.index }}
            having
                not bool_and(is_hidden)
                and (
                    count(*) filter (where is_hidden) = 1
                    or sum(n) filter (where is_hidden) between 1 and {{ threshold }} - 1
                )

        ),

        step_{{ loop.index }} as (

            select * replace (is_hidden or size_rank in (select size_rank from next_{{ loop.index }}) as is_hidden)
            from step_{{ loop.index0 }}

        ),

        {% endfor %}
        all_steps as (

            select
                *,
                bool_or(is_hidden and not was_hidden) over () as hid_any
            from step_{{ relations | length }}

        )

        select
            round + 1 as round,
            size_rank,
            {{ relation_ids }}
            n,
            is_hidden
        from all_steps
        where hid_any

    )

),

suppressed as (

    select
        numbered.*,
        hidden.is_hidden as is_suppressed
    from numbered
    inner join hidden on numbered.size_rank = hidden.size_rank
    where hidden.round = (select max(round) from hidden)

)
{% endmacro %}
