{%- set base = var('rounding_base') -%}
{#- of a 95 % interval #}
{%- set z = 1.96 -%}
with counts as (

    select counts.*
    from {{ ref('int_profile_counts') }} as counts
    inner join {{ ref('periods') }} as periods on counts.period_id = periods.period_id
    where
        case
            when counts.scope = 'district' then periods.is_profiled_by_district
            else
                periods.end_date is null
                or extract(year from periods.start_date) = extract(year from periods.end_date)
        end

),

city as (

    select
        scope,
        period_id,
        years,
        source,
        characteristic,
        category,
        sum(n) as n,
        sum(sum(n)) over (partition by scope, period_id, source, characteristic) as total
    from counts
    group by scope, period_id, years, source, characteristic, category

),

place_totals as (

    select
        scope,
        place_id,
        period_id,
        years,
        n_years,
        n_blocks,
        source,
        characteristic,
        sum(n) as total
    from counts
    group by scope, place_id, period_id, years, n_years, n_blocks, source, characteristic

),

-- every category of the city for every place, so that a line says nothing of whether there are any
cells as (

    select
        place_totals.scope,
        place_totals.place_id,
        place_totals.period_id,
        place_totals.years,
        12 * place_totals.n_years as months,
        place_totals.n_blocks,
        place_totals.source,
        place_totals.characteristic,
        city.category,
        nullif(counts.n, 0) as n,
        place_totals.total,
        -- where only one category is left, the others have less than rounding shows, not nothing
        greatest(place_totals.total - counts.n, {{ base }} / 2) as rest,
        city.n / city.total as city_share
    from place_totals
    inner join city
        on
            place_totals.scope = city.scope
            and place_totals.period_id = city.period_id
            and place_totals.source = city.source
            and place_totals.characteristic = city.characteristic
    left join counts
        on
            place_totals.scope = counts.scope
            and place_totals.place_id = counts.place_id
            and place_totals.period_id = counts.period_id
            and place_totals.source = counts.source
            and place_totals.characteristic = counts.characteristic
            and city.category = counts.category
    where place_totals.total > 0

),

-- noise of the group where the category is one that has any measured, of all incidents else
varied as (

    select
        cells.*,
        (
            cells.n
            * case
                when own.a is not null then {{ dispersion_of('cells.n', 'cells.months', 'own') }}
                else {{ dispersion_of('cells.n', 'cells.months', 'every') }}
            end
            + cells.n_blocks * power({{ base }}, 2) / 6
        ) / power(cells.n, 2) as n_variance,
        (
            cells.rest * {{ dispersion_of('cells.rest', 'cells.months', 'every') }}
            + cells.n_blocks * power({{ base }}, 2) / 6
        ) / power(cells.rest, 2) as rest_variance
    from cells
    left join {{ ref('main_noise') }} as own
        on
            cells.scope = own.scope
            and cells.source = own.source
            and cells.category = own.category
            and cells.characteristic in ('crime_group', 'charge_group')
    left join {{ ref('main_noise') }} as every
        on cells.scope = every.scope and cells.source = every.source and every.category = 'all'

),

-- the logarithm of a share has the variance of that of its odds, times what is left of the whole, squared
shares as (

    select
        *,
        n / total as share,
        n / total * exp(-{{ z }} * rest / (n + rest) * sqrt(n_variance + rest_variance)) as share_low,
        case
            when n is not null
                then least(
                    1, n / total * exp({{ z }} * rest / (n + rest) * sqrt(n_variance + rest_variance))
                )
        end as share_high
    from varied

),

final as (

    select
        scope,
        place_id,
        period_id,
        years,
        source,
        characteristic,
        category,
        cast(n as bigint) as n,
        round(share, 6) as share,
        round(share_low, 6) as share_low,
        round(share_high, 6) as share_high,
        round(share / city_share, 4) as location_quotient,
        round(share_low / city_share, 4) as location_quotient_low,
        round(share_high / city_share, 4) as location_quotient_high,
        n is null as is_suppressed,
        case when n is null then 'suppressed' else 'counted' end as cell_status
    from shares

    union all

    -- which categories a handful of incidents fall into is not shown at all
    select
        scope,
        place_id,
        period_id,
        years,
        source,
        characteristic,
        '(too few incidents)' as category,
        null as n,
        null as share,
        null as share_low,
        null as share_high,
        null as location_quotient,
        null as location_quotient_low,
        null as location_quotient_high,
        true as is_suppressed,
        'suppressed' as cell_status
    from place_totals
    where total = 0

)

select * from final
order by scope, length(place_id), place_id, period_id, source, characteristic, category
