-- the months from the first with a record to the last, and what is whole of each
with counts as (

    select
        month,
        cast(coalesce(sum(incidents) filter (where source = 'crimes'), 0) as bigint) as crimes,
        cast(coalesce(sum(incidents) filter (where source = 'arrests'), 0) as bigint) as arrests,
        cast(coalesce(sum(incidents) filter (where record_system = 'nibrs'), 0) as bigint) as nibrs_cases
    from {{ ref('int_monthly_counts') }}
    group by month

),

usual as (

    select
        median(crimes) filter (where crimes > 0) as crimes,
        median(arrests) filter (where arrests > 0) as arrests
    from counts

),

whole as (

    select
        max(whole_through) filter (where source = 'crimes') as crimes_through,
        max(whole_through) filter (where source = 'arrests') as arrests_through
    from {{ ref('int_whole_days') }}
    where category = 'all' and is_current

),

spine as (

    select cast(unnest(generate_series(min(month), max(month), interval 1 month)) as date) as month
    from counts

),

final as (

    select
        spine.month,
        cast(extract(year from spine.month) as integer) as year,
        cast(extract(month from spine.month) as integer) as month_of_year,
        {{ record_system_of('counts.nibrs_cases / nullif(counts.crimes, 0)') }} as record_system,
        -- a month with less than half of what is usual is a beginning, an end or a gap of the files
        coalesce(
            last_day(spine.month) <= whole.crimes_through and counts.crimes >= usual.crimes / 2, false
        ) as is_whole_for_crimes,
        coalesce(
            last_day(spine.month) <= whole.arrests_through and counts.arrests >= usual.arrests / 2, false
        ) as is_whole_for_arrests,
        coalesce(counts.crimes, 0) as crimes,
        coalesce(counts.arrests, 0) as arrests
    from spine
    left join counts on spine.month = counts.month
    cross join usual
    cross join whole

)

select * from final
order by month
