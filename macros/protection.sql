{#
    A number between 0 and 1, ends excluded, that a text alone decides: the same text gives the same
    number on any machine and day, and similar texts numbers that have nothing to do with each other.
#}
{% macro uniform_of(text) -%}
    {{ return(adapter.dispatch('uniform_of')(text)) }}
{%- endmacro %}

{% macro duckdb__uniform_of(text) -%}
    ((md5_number_lower({{ text }}) % 4294967296 + 0.5) / 4294967296)
{%- endmacro %}


{#
    A query that rounds counts at random to multiples of the base: every column of `counts`, with `n`
    rounded. docs/method.md has the rule, its proof and its sources.

    Each count goes to the multiple below it or above it, with the chances that leave it right on
    average, and as many of a table go up as keep the rounded total within one base of the true one
    (Cox 1987). Which ones is drawn by Pareto sampling (Rosen 1997). A table of fewer incidents than
    the base is rounded to nought.

    counts: a CTE with a column `n`; place and table: the columns that together tell apart the tables
    whose counts add up to a total that may be known; cell: the column that tells apart the counts of
    a table; key: a column with what the draws hang on, which no reader of the marts has. The draws
    hang on nothing of the place, so that one set of reports is rounded alike wherever it counts.
#}
{% macro rounded_at_random(counts, place, table, cell, key) %}
{% set base = var('rounding_base') %}
{% set table_key = key ~ " || '|' || concat_ws('|', " ~ (table | join(', ')) ~ ")" %}
{% set cell_key = key ~ " || '|' || concat_ws('|', " ~ ((table + [cell]) | join(', ')) ~ ")" %}
with remainders as (

    select
        *,
        n % {{ base }} as remainder,
        sum(n) over (partition by {{ (place + table) | join(', ') }}) as table_total,
        sum(n % {{ base }}) over (partition by {{ (place + table) | join(', ') }}) as table_remainder
    from {{ counts }}

),

drawn as (

    select
        *,
        {{ uniform_of(table_key) }} as table_draw,
        {{ uniform_of(cell_key) }} as cell_draw
    from remainders

),

ordered as (

    select
        *,
        case when table_total < {{ base }} then 0 else
            table_remainder // {{ base }}
            + case when table_draw < (table_remainder % {{ base }}) / {{ base }} then 1 else 0 end
        end as n_up,
        -- Pareto sampling takes the smallest; a multiple of the base stays what it is
        row_number() over (
            partition by {{ (place + table) | join(', ') }}
            order by
                case
                    when remainder > 0
                        then
                            cell_draw / (1 - cell_draw)
                            * ({{ base }} - remainder) / remainder
                end nulls last,
                {{ cell }}
        ) as up_rank
    from drawn

),

tried as (

    select
        *,
        n - remainder + case when up_rank <= n_up then {{ base }} else 0 end as n_tried
    from ordered

),

-- a total under the only count that is left would show how far that one was rounded up
checked as (

    select
        *,
        count(*) filter (where n_tried > 0) over (partition by {{ (place + table) | join(', ') }}) = 1
        and sum(n_tried) over (partition by {{ (place + table) | join(', ') }}) > table_total
            as gives_away
    from tried

)

select
    * replace (
        case
            when table_total < {{ base }} then 0
            when gives_away then cast(n - remainder as bigint)
            else cast(n_tried as bigint)
        end as n
    )
from checked
{% endmacro %}
