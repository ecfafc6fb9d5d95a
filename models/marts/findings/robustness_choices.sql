{%- set dimensions = ['transform', 'denominator', 'algorithm', 'k', 'cleaning', 'period_id'] -%}
with specifications as (

    select
        scope,
        {{ dimensions | join(',\n        ') }},
        n_departures,
        -- an exact sum does not depend on the order of rows
        cast(ari as decimal(18, 15)) as ari,
        cast(1 - avg(cast(keeps_tier as integer)) as decimal(18, 15)) as share_moved
    from {{ ref('measured_robustness') }}
    group by all

),

chosen as (
    {% for dimension in dimensions %}

        select
            '{{ dimension }}' as dimension,
            {{ dimension }} as choice,
            specifications.*
        from specifications
        {{ 'union all' if not loop.last }}
    {%- endfor %}

)

-- with no more than this one choice departing from the headline, the specification is the choice alone
select
    scope,
    dimension,
    choice,
    count(*) as n_specifications,
    round(cast(arg_min(ari, n_departures) filter (where n_departures <= 1) as double), 9) as ari_alone,
    round(cast(arg_min(share_moved, n_departures) filter (where n_departures <= 1) as double), 9)
        as share_moved_alone,
    round(avg(ari), 9) as mean_ari,
    round(avg(share_moved), 9) as mean_share_moved
from chosen
group by scope, dimension, choice
order by scope, dimension, choice
