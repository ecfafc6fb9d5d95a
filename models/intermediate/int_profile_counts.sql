-- sums of rounded counts alone, so that no period can tell more than its blocks do
with blocks as (

    select distinct
        scope,
        source,
        period_id,
        block_id
    from {{ ref('int_profile_blocks') }}

),

-- NIBRS tells nothing of victims, so that their years are fewer
block_years as (

    select
        blocks.scope,
        blocks.source,
        blocks.period_id,
        case
            when counts.characteristic != 'district_group' then counts.characteristic
            when counts.source = 'crimes' then 'crime_group'
            else 'charge_group'
        end as characteristic,
        min(counts.year) as first_year,
        max(counts.year) as last_year,
        count(distinct counts.year) as n_years,
        count(distinct blocks.block_id) as n_blocks
    from {{ ref('int_profile_blocks') }} as blocks
    inner join {{ ref('int_closed_counts') }} as counts
        on blocks.source = counts.source and blocks.year = counts.year
    group by all

),

final as (

    select
        blocks.scope,
        counts.place_id,
        blocks.period_id,
        blocks.source,
        counts.characteristic,
        counts.category,
        sum(counts.n) as n
    from blocks
    inner join {{ ref('int_protected_counts') }} as counts
        on
            blocks.scope = counts.scope
            and blocks.source = counts.source
            and blocks.block_id = counts.block_id
    group by
        blocks.scope,
        counts.place_id,
        blocks.period_id,
        blocks.source,
        counts.characteristic,
        counts.category

)

select
    final.scope,
    final.place_id,
    final.period_id,
    case
        when block_years.first_year = block_years.last_year then cast(block_years.first_year as varchar)
        else block_years.first_year || '-' || block_years.last_year
    end as years,
    block_years.n_years,
    block_years.n_blocks,
    final.source,
    final.characteristic,
    final.category,
    cast(final.n as bigint) as n
from final
inner join block_years
    on
        final.scope = block_years.scope
        and final.period_id = block_years.period_id
        and final.source = block_years.source
        and final.characteristic = block_years.characteristic
