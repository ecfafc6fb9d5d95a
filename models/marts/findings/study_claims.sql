with asked as (

    select * from {{ ref('study_claims_asked') }}

),

scopes as (

    select 'area' as scope
    union all
    select 'district' as scope

),

years as (

    select
        period_id,
        crimes,
        period_id between '2010' and '2019' as is_of_decade
    from {{ ref('dim_periods') }}
    where is_single_year and is_comparable

),

-- how many clusters the measures prefer
four_tiers as (

    select
        'four_tiers' as claim_id,
        plan.scope,
        max(selection.recommended_k) as value,
        min(selection.k) filter (where selection.votes > 0) as low,
        max(selection.k) filter (where selection.votes > 0) as high,
        max(selection.reason) as detail
    from {{ ref('clustering_plan') }} as plan
    inner join {{ ref('cluster_k_selection') }} as selection on plan.run_id = selection.run_id
    where plan.run_id = plan.scope || '__all__crimes__volume__kmeans'
    group by plan.scope

),

-- 2017 against the highest other year, as a ratio of two Poisson counts
peaks as (

    select
        'peak_2017_of_decade' as claim_id,
        max(crimes) filter (where period_id = '2017') as crimes_2017,
        max(crimes) filter (where period_id != '2017' and is_of_decade) as other_crimes,
        arg_max(period_id, crimes) filter (where period_id != '2017' and is_of_decade) as other_year,
        count(*) filter (where is_of_decade) as n_years
    from years

    union all

    select
        'peak_2017_of_all' as claim_id,
        max(crimes) filter (where period_id = '2017') as crimes_2017,
        max(crimes) filter (where period_id != '2017') as other_crimes,
        arg_max(period_id, crimes) filter (where period_id != '2017') as other_year,
        count(*) as n_years
    from years

),

peak_ratios as (

    select
        claim_id,
        'city' as scope,
        crimes_2017 / other_crimes as value,
        crimes_2017 / other_crimes * exp(-1.96 * sqrt(1 / crimes_2017 + 1 / other_crimes)) as low,
        crimes_2017 / other_crimes * exp(1.96 * sqrt(1 / crimes_2017 + 1 / other_crimes)) as high,
        'The highest of the other ' || (n_years - 1) || ' complete years is ' || other_year || '.' as detail
    from peaks
    where crimes_2017 is not null and other_crimes is not null

),

agreement as (

    select * from {{ ref('tier_agreement') }}

),

consecutive as (

    select
        agreement.scope,
        count(*) as n,
        count(*) filter (where agreement.verdict != 'within noise') as n_changed
    from agreement
    inner join {{ ref('dim_periods') }} as earlier on agreement.left_id = earlier.period_id
    inner join {{ ref('dim_periods') }} as later on agreement.right_id = later.period_id
    where
        agreement.compared = 'period'
        and agreement.verdict is not null
        and earlier.is_single_year
        and later.is_single_year
        and extract(year from later.start_date) = extract(year from earlier.start_date) + 1
    group by agreement.scope

),

-- Wilson's interval of a share
stable_tiers as (

    select
        'stable_tiers' as claim_id,
        scope,
        n_changed / n as value,
        greatest(
            0,
            (n_changed + 1.92) / (n + 3.84)
            - 1.96 / (n + 3.84) * sqrt(n_changed * (n - n_changed) / n + 0.96)
        ) as low,
        least(
            1,
            (n_changed + 1.92) / (n + 3.84)
            + 1.96 / (n + 3.84) * sqrt(n_changed * (n - n_changed) / n + 0.96)
        ) as high,
        n_changed || ' of ' || n || ' pairs of consecutive years changed by more than chance.' as detail
    from consecutive

),

stable_pooled as (

    select
        'stable_pooled' as claim_id,
        scope,
        weighted_kappa as value,
        null as low,
        null as high,
        'Of the whole period, ' || right_years || ' is compared. The adjusted Rand index is '
        || printf('%.2f', ari) || '; chance alone gives '
        || printf('%.2f', noise_ari_p05) || ' or more in 95 of 100 cases.' as detail
    from agreement
    where compared = 'period' and left_id = '2017' and right_id = 'all'

),

-- differences between the tiers of the headline runs over the whole period
effects as (

    select
        plan.scope,
        effects.*,
        case
            when effects.characteristic = 'crime_group' then 'alike_in_crime_types'
            when effects.characteristic like 'victim_%' then 'alike_in_victims'
            when effects.characteristic like 'arrestee_%' then 'alike_in_arrestees'
        end as claim_id
    from {{ ref('tier_effects') }} as effects
    inner join {{ ref('clustering_plan') }} as plan on effects.run_id = plan.run_id
    where
        plan.run_id = plan.scope || '__all__crimes__volume__kmeans'
        and effects.effect_size is not null

),

alike as (

    select
        claim_id,
        scope,
        max(effect_size) as value,
        arg_max(low, effect_size) as low,
        arg_max(high, effect_size) as high,
        'The largest is ' || replace(arg_max(characteristic, effect_size), '_', ' ') || ' ('
        || arg_max(verdict, effect_size) || ').' as detail
    from effects
    where claim_id is not null
    group by claim_id, scope

),

-- two-way variance of log yearly volume, places with incidents in every year
yearly as (

    select
        scope,
        place_id,
        period_id,
        ln(1 + volume) as log_volume,
        count(*) over (partition by scope, place_id) as place_years
    from {{ ref('yearly_volumes') }}
    where source = 'crimes' and is_comparable

),

balanced as (

    select
        scope,
        place_id,
        period_id,
        cast(log_volume as decimal(18, 9)) as log_volume
    from yearly
    where place_years = (select count(*) from years)

),

variances as (

    select
        balanced.scope,
        balanced.log_volume,
        avg(balanced.log_volume) over (partition by balanced.scope) as grand_mean,
        avg(balanced.log_volume) over (partition by balanced.scope, balanced.place_id) as place_mean,
        avg(balanced.log_volume) over (partition by balanced.scope, balanced.period_id) as year_mean
    from balanced

),

places_differ_most as (

    select
        'places_differ_most' as claim_id,
        scope,
        sum(cast(round(power(place_mean - grand_mean, 2), 12) as decimal(30, 12)))
        / nullif(
            sum(cast(round(power(log_volume - grand_mean, 2), 12) as decimal(30, 12))), 0
        ) as value,
        null as low,
        null as high,
        'Years hold ' || printf(
            '%.0f',
            100 * sum(cast(round(power(year_mean - grand_mean, 2), 12) as decimal(30, 12)))
            / nullif(
                sum(cast(round(power(log_volume - grand_mean, 2), 12) as decimal(30, 12))), 0
            )
        ) || ' % of the variance.' as detail
    from variances
    group by scope
    having count(distinct year_mean) > 1

),

patterns as (

    select
        'crimes_unlike_arrests' as claim_id,
        scope,
        share_different as value,
        null as low,
        null as high,
        'Andresen''s S is ' || printf('%.2f', s_index) || ' over ' || n_places || ' places in '
        || left_years || '.' as detail
    from {{ ref('pattern_similarity') }}
    where left_id = 'crimes all' and right_id = 'arrests all'

),

algorithms_agree as (

    select
        'algorithms_agree' as claim_id,
        scope,
        ari as value,
        noise_ari_p05 as low,
        noise_ari_median as high,
        'K-means agrees with recounts of itself at ' || printf('%.2f', noise_ari_median)
        || ' in the middle.' as detail
    from agreement
    where
        compared = 'algorithm'
        and left_id = scope || '__all__crimes__volume__kmeans'
        and right_id = scope || '__all__crimes__volume__ward'

),

measured as (

    select * from four_tiers
    union all
    select * from peak_ratios
    union all
    select * from stable_tiers
    union all
    select * from stable_pooled
    union all
    select * from alike
    union all
    select * from places_differ_most
    union all
    select * from patterns
    union all
    select * from algorithms_agree

),

-- every claim has its rows, measured or not
expected as (

    select
        asked.*,
        coalesce(scopes.scope, 'city') as scope
    from asked
    left join scopes on asked.claim_id not like 'peak_%'

),

judged as (

    select
        expected.*,
        measured.value,
        measured.low,
        measured.high,
        measured.detail,
        case
            when measured.value is null then 'inconclusive'
            when expected.claim_id = 'four_tiers'
                then case when measured.value = expected.threshold then 'supported' else 'not supported' end
            when expected.claim_id like 'peak_%' or expected.claim_id = 'crimes_unlike_arrests'
                then case
                    when coalesce(measured.low, measured.value) > expected.threshold then 'supported'
                    when coalesce(measured.high, measured.value) < expected.threshold then 'not supported'
                    else 'inconclusive'
                end
            when expected.claim_id = 'stable_tiers'
                then case
                    when measured.low > expected.threshold then 'not supported'
                    when measured.value <= expected.threshold then 'supported'
                    else 'inconclusive'
                end
            when expected.claim_id like 'alike_%'
                then case
                    when measured.high < expected.threshold then 'supported'
                    when measured.low >= expected.threshold then 'not supported'
                    else 'inconclusive'
                end
            when measured.value >= expected.threshold then 'supported'
            else 'not supported'
        end as verdict
    from expected
    left join measured
        on expected.claim_id = measured.claim_id and expected.scope = measured.scope

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
