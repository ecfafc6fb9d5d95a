{%- set families = ['number', 'peaks', 'stability', 'likeness', 'arrests'] -%}
with measured as (
    {% for family in families %}

        select * from {{ ref('evidence_of_' ~ family) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

scopes as (

    select
        'places' as measured_for,
        scope
    from {{ ref('int_scopes') }}
    where not is_layer
    union all
    select
        'city' as measured_for,
        'city' as scope

),

-- every claim has its rows, measured or not
judged as (

    select
        asked.*,
        scopes.scope,
        measured.value,
        measured.low,
        measured.high,
        format(asked.reason, measured.detail_0, measured.detail_1, measured.detail_2) as detail,
        {{ verdict_of('measured', 'asked') }} as verdict
    from {{ ref('study_claims_asked') }} as asked
    inner join scopes on asked.measured_for = scopes.measured_for
    left join measured on asked.claim_id = measured.claim_id and scopes.scope = measured.scope

)

select
    claim_id,
    scope,
    claim,
    metric,
    round(cast(value as double), 6) as value,
    round(cast(low as double), 6) as low,
    round(cast(high as double), 6) as high,
    cast(threshold as double) as threshold,
    threshold_source,
    verdict,
    coalesce(
        detail, 'The data in hand cannot answer this: what the metric needs is missing or too thin.'
    ) as reason
from judged
order by claim_id, scope
