-- how tiers of one period agree with those of another, and what varies more, places or years
with agreement as (

    select * from {{ ref('tier_agreement') }}
    where compared = 'period'

),

consecutive as (

    select
        agreement.scope,
        extract(year from earlier.start_date) as year,
        agreement.verdict != 'no change shown' as is_changed,
        agreement.detectable_share
    from agreement
    inner join {{ ref('dim_periods') }} as earlier on agreement.left_id = earlier.period_id
    inner join {{ ref('dim_periods') }} as later on agreement.right_id = later.period_id
    where
        agreement.verdict is not null
        and earlier.is_single_year
        and later.is_single_year
        and extract(year from later.start_date) = extract(year from earlier.start_date) + 1

),

stretches as (

    select
        *,
        -- the same for years without a gap
        year - row_number() over (partition by scope order by year) as stretch
    from consecutive

),

in_line as (

    select
        *,
        row_number() over (partition by scope, stretch order by year) as place_in_line
    from stretches

),

-- each year in one pair: two pairs that share a year are no two tries
disjoint as (

    select
        scope,
        count(*) as n,
        count(*) filter (where is_changed) as n_changed,
        median(detectable_share) as detectable_share
    from in_line
    where place_in_line % 2 = 1
    group by scope

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
        cast(n_changed as varchar) as detail_0,
        cast(n as varchar) as detail_1,
        coalesce(
            printf('a move of %.0f %% of the places would be seen', 100 * detectable_share),
            'a smaller one would not be seen'
        ) as detail_2
    from disjoint
    -- that no pair shows what none could is no evidence
    where n_changed > 0 or detectable_share is not null

),

stable_pooled as (

    select
        asked.claim_id,
        agreement.scope,
        agreement.weighted_kappa as value,
        cast(null as double) as low,
        cast(null as double) as high,
        agreement.right_years as detail_0,
        printf('%.2f', agreement.ari) as detail_1,
        printf('%.2f', agreement.noise_ari_p05) as detail_2
    from {{ ref('study_claims_asked') }} as asked
    inner join agreement on asked.subject_id = agreement.left_id
    inner join {{ ref('main_runs') }} as main_runs
        on agreement.scope = main_runs.scope and agreement.right_id = main_runs.period_id
    where asked.claim_id = 'stable_pooled'

),

-- two-way variance of log yearly volume, places with incidents and one ground in every year
yearly as (

    select
        scope,
        place_id,
        period_id,
        ln(1 + volume) as log_volume,
        count(*) over (partition by scope, place_id) as place_years
    from {{ ref('yearly_volumes') }}
    where source = 'crimes' and is_comparable and is_same_ground

),

balanced as (

    select
        scope,
        place_id,
        period_id,
        cast(log_volume as decimal(18, 9)) as log_volume
    from yearly
    where
        place_years = (
            select count(*) from {{ ref('dim_periods') }} as periods
            where periods.is_single_year and periods.is_comparable
        )

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
        cast(null as double) as low,
        cast(null as double) as high,
        printf(
            '%.0f',
            100 * sum(cast(round(power(year_mean - grand_mean, 2), 12) as decimal(30, 12)))
            / nullif(
                sum(cast(round(power(log_volume - grand_mean, 2), 12) as decimal(30, 12))), 0
            )
        ) as detail_0,
        '' as detail_1,
        '' as detail_2
    from variances
    group by scope
    having count(distinct year_mean) > 1

),

measured as (

    select * from stable_tiers
    union all
    select * from stable_pooled
    union all
    select * from places_differ_most

)

select
    claim_id,
    scope,
    round(value, 9) as value,
    round(low, 9) as low,
    round(high, 9) as high,
    detail_0,
    detail_1,
    detail_2
from measured
order by claim_id, scope
