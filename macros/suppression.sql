{#
    CTEs that hide small cells, and the cells that would give them away. The last is `suppressed`:
    every column of `counts` and `is_suppressed`.

    A cell under the threshold is hidden. Wherever cells add up to a total that is shown (a relation),
    a single hidden cell could be had by subtraction, and hidden cells that add up to less than the
    threshold nearly so; there the smallest shown cell is hidden too. Each such step can open a gap
    in another relation, so the steps are repeated; tests/profile_cells_cannot_be_derived.sql proves
    that enough were made.

    counts: a CTE with a column `n`; relations: lists of columns, each a partition whose cells add
    up; tie_breakers: columns that choose between equally small cells.
#}
{% macro suppressed(counts, relations, tie_breakers, rounds=3) %}
hidden_0 as (

    select
        *,
        n < {{ var('suppression_threshold') }} as is_hidden_0
    from {{ counts }}

),

{% set steps = relations * rounds %}
{% for relation in steps %}
{% set before = 'is_hidden_' ~ loop.index0 %}
hidden_{{ loop.index }} as (

    select
        *,
        {{ before }} or (
            (
                count(case when {{ before }} then 1 end) over relation = 1
                or coalesce(
                    sum(case when {{ before }} then n end) over relation,
                    {{ var('suppression_threshold') }}
                ) < {{ var('suppression_threshold') }}
            )
            and row_number() over (
                partition by {{ relation | join(', ') }}, {{ before }}
                order by n, {{ tie_breakers | join(', ') }}
            ) = 1
        ) as is_hidden_{{ loop.index }}
    from hidden_{{ loop.index0 }}
    window relation as (partition by {{ relation | join(', ') }})

),

{% endfor %}
suppressed as (

    select
        *,
        is_hidden_{{ steps | length }} as is_suppressed
    from hidden_{{ steps | length }}

)
{% endmacro %}
