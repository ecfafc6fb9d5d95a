with rates as (

    select * from {{ ref('measured_rates') }}

),

-- all incidents of a place decide, and mark each of its groups
cautions as (

    select
        scope,
        place_id,
        denominator,
        period_id,
        source,
        case
            when base < {{ var('few_in_denominator') }}
                then 'fewer than {{ var("few_in_denominator") }} ' || denominator
            when rate_low > {{ var('visitors_rate_ratio') }} * city_rate
                then
                    'surely over {{ var("visitors_rate_ratio") }} times the city''s rate: many who are'
                    || ' there are not among its ' || denominator
        end as caution
    from rates
    where incident_group = 'all'

)

select
    rates.scope,
    rates.place_id,
    rates.period_id,
    rates.source,
    rates.incident_group,
    rates.denominator,
    rates.n,
    rates.base,
    denominators.n_inside as base_low,
    denominators.n_touching as base_high,
    rates.rate,
    rates.rate_low,
    rates.rate_high,
    rates.city_rate,
    rates.smoothed_rate,
    rates.neighbour_rate,
    cast(rates.rate_rank as integer) as rate_rank,
    cast(rates.rank_low as integer) as rank_low,
    cast(rates.rank_high as integer) as rank_high,
    cautions.caution
from rates
inner join {{ ref('int_place_denominators') }} as denominators
    on
        rates.scope = denominators.scope
        and rates.place_id = denominators.place_id
        and rates.denominator = denominators.denominator
left join cautions
    on
        rates.scope = cautions.scope
        and rates.place_id = cautions.place_id
        and rates.denominator = cautions.denominator
        and rates.period_id = cautions.period_id
        and rates.source = cautions.source
order by
    rates.scope,
    rates.period_id,
    rates.source,
    rates.incident_group,
    rates.denominator,
    length(rates.place_id), rates.place_id
