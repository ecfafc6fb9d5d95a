with years as (

    select
        source,
        year
    from {{ ref('int_closed_years') }}

),

periods as (

    select
        period_id,
        is_profiled_by_district,
        cast(extract(year from start_date) as integer) as first_year,
        cast(coalesce(extract(year from end_date), 9999) as integer) as last_year
    from {{ ref('periods') }}

),

shown as (

    select
        years.source,
        years.year,
        string_agg(periods.period_id, ' ' order by periods.period_id) as period_ids
    from years
    inner join periods
        on years.year between periods.first_year and periods.last_year and periods.is_profiled_by_district
    group by years.source, years.year

),

-- the same span of the calendar for ever: a year that closes adds a block and changes none
spans as (

    select
        *,
        year // {{ var('district_block_years') }} as span
    from shown

),

whole_spans as (

    select
        source,
        span
    from spans
    group by source, span
    having max(year) = (span + 1) * {{ var('district_block_years') }} - 1

),

blocks as (

    select
        'area' as scope,
        source,
        cast(year as varchar) as block_id,
        year
    from years

    union all

    select
        'district' as scope,
        spans.source,
        spans.span * {{ var('district_block_years') }} || ' ' || spans.period_ids as block_id,
        spans.year
    from spans
    inner join whole_spans on spans.source = whole_spans.source and spans.span = whole_spans.span
    -- a city without districts has no profiles of them
    where exists (select 1 from {{ ref('small_areas') }})

)

select
    blocks.scope,
    blocks.source,
    periods.period_id,
    blocks.block_id,
    blocks.year
from blocks
inner join periods
    on
        blocks.year between periods.first_year and periods.last_year
        -- the other periods would cut blocks of districts in two
        and (blocks.scope = 'area' or periods.is_profiled_by_district)
