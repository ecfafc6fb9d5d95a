select
    expected.scope,
    expected.place_id,
    expected.source,
    expected.category,
    cast(expected.month as date) as month,
    months.record_system,
    months.is_whole,
    expected.n as incidents,
    expected.expected,
    cast(expected.expected_low as bigint) as expected_low,
    cast(expected.expected_high as bigint) as expected_high,
    expected.p_value,
    expected.q_value,
    expected.is_unusual,
    case
        when expected.expected is null then 'not comparable'
        when expected.is_unusual is null then 'too few to say'
        when not expected.is_unusual then 'as expected'
        when expected.n > expected.expected then 'more than expected'
        else 'fewer than expected'
    end as verdict
from {{ ref('measured_monthly_expected') }} as expected
inner join {{ ref('recent_months') }} as months
    on expected.source = months.source and expected.month = months.month
order by expected.scope, expected.source, expected.category, try_cast(expected.place_id as integer), month
