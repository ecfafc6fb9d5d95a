with paired as (

    select
        pairs.*,
        round(pairs.base_n / pairs.base_windows, 1) as base_incidents,
        measured.ratio,
        measured.ratio_low,
        measured.ratio_high,
        measured.p_value,
        measured.q_value,
        case
            when pairs.not_comparable_because is not null then 'not comparable'
            when not pairs.is_enough then 'too few to say'
            when measured.q_value > {{ var('false_discovery') }} then 'no clear change'
            when pairs.n > pairs.base_n / pairs.base_windows then 'more'
            else 'fewer'
        end as verdict
    from {{ ref('recent_pairs') }} as pairs
    left join {{ ref('measured_recent_change') }} as measured
        on
            pairs.scope = measured.scope
            and pairs.place_id = measured.place_id
            and pairs.source = measured.source
            and pairs.category = measured.category
            and pairs.comparison = measured.comparison

),

worded as (

    select
        *,
        printf(
            '%s in %s, %s in %s: ', format('{:,}', n), window_name,
            regexp_replace(format('{:,.1f}', base_incidents), '[.]0$', ''), base_name
        ) as counts_in_words
    from paired

)

select
    scope,
    place_id,
    source,
    category,
    comparison,
    window_name,
    window_start,
    window_end,
    base_name,
    base_start,
    base_end,
    cast(base_windows as integer) as base_windows,
    record_system,
    n as incidents,
    base_incidents,
    round(n - base_n / base_windows, 1) as difference,
    ratio,
    ratio_low,
    ratio_high,
    p_value,
    q_value,
    verdict,
    not_comparable_because,
    counts_in_words
    || case verdict
        when 'not comparable' then 'not to be compared, for ' || not_comparable_because || '.'
        when 'too few to say' then 'too few to say whether anything changed.'
        when 'no clear change' then 'no clear change; counts differ by as much by themselves.'
        else printf(
            '%s, by %.0f %% (95 %% interval: %s to %s).',
            verdict,
            100 * abs(ratio - 1),
            {{ signed_percent('ratio_low') }},
            {{ signed_percent('ratio_high') }}
        )
    end as sentence
from worded
order by scope, source, category, comparison, try_cast(place_id as integer), place_id
