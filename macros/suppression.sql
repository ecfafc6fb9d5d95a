{#
    CTEs that hide small cells, and the cells that would give them away. The last is `suppressed`:
    every column of `counts` and `is_suppressed`.

    A cell under the threshold is hidden. Wherever cells add up to a total that is known (a relation),
    a single hidden cell could be had by subtraction, and hidden cells that add up to less than the
    threshold nearly so; there the smallest shown cell is hidden too. Each such step can open a gap
    in another relation, so the steps are repeated; tests/profile_cells_cannot_be_derived.sql proves
    that enough were made.

    counts: a CTE with a column `n`; relations: lists of columns, each a partition whose cells add
    up; cell: the columns that tell cells apart, which also choose between equally small ones;
    gives_away: a condition for cells that another table's hidden cells could be had from.
#}
{% macro suppressed(counts, relations, cell, gives_away='false', rounds=6) %}
{% set threshold = var('suppression_threshold') %}
numbered as {{ materialized() }} (

    select
        *,
        case when n < {{ threshold }} or {{ gives_away }} then 1 else 0 end as is_small,
        row_number() over (order by n, {{ cell | join(', ') }}) as size_rank
        {%- for relation in relations %},
        dense_rank() over (order by {{ relation | join(', ') }}) as relation_{{ loop.index }}
        {%- endfor %}
    from {{ counts }}

),

hidden_0 as {{ materialized() }} (

    select
        size_rank,
        {% for _ in relations %}
        relation_{{ loop.index }},
        {% endfor %}
        n,
        is_small as is_hidden
    from numbered

),

{% set n_steps = relations | length * rounds %}
{% for step in range(n_steps) %}
hidden_{{ step + 1 }} as {{ materialized() }} (

    select
        size_rank,
        {% for _ in relations %}
        relation_{{ loop.index }},
        {% endfor %}
        n,
        case
            when
                is_hidden = 0
                and (
                    sum(is_hidden) over relation = 1
                    or sum(is_hidden * n) over relation between 1 and {{ threshold }} - 1
                )
                and size_rank = min(case when is_hidden = 0 then size_rank end) over relation
                then 1
            else is_hidden
        end as is_hidden
    from hidden_{{ step }}
    window relation as (partition by relation_{{ step % (relations | length) + 1 }})

),

{% endfor %}
suppressed as (

    select
        numbered.*,
        hidden.is_hidden = 1 as is_suppressed
    from numbered
    inner join hidden_{{ n_steps }} as hidden on numbered.size_rank = hidden.size_rank

)
{% endmacro %}


{#
    The word that has a CTE worked out once, where the engine has one. DuckDB otherwise plans the long
    chain above as a whole, for a time that doubles with every step.
#}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized')()) }}
{%- endmacro %}

{% macro default__materialized() %}{{ return('') }}{% endmacro %}

{% macro duckdb__materialized() %}{{ return('materialized') }}{% endmacro %}
