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

-- what is usual of a month, in the year before and after it: a source may fall by more than half in ten years
filled as (

    select
        spine.month,
        coalesce(counts.crimes, 0) as crimes,
        coalesce(counts.arrests, 0) as arrests,
        counts.nibrs_cases / nullif(counts.crimes, 0) as nibrs_share,
        median(coalesce(counts.crimes, 0)) over near_by as usual_crimes,
        median(coalesce(counts.arrests, 0)) over near_by as usual_arrests
    from spine
    left join counts on spine.month = counts.month
    window near_by as (order by spine.month rows between 12 preceding and 12 following)

),

final as (

    select
        filled.month,
        cast(extract(year from filled.month) as integer) as year,
        cast(extract(month from filled.month) as integer) as month_of_year,
        {{ record_system_of('filled.nibrs_share') }} as record_system,
        {% for source in ['crimes', 'arrests'] %}
            -- with less than half of what is usual it is a beginning, an end or a gap of the files
            coalesce(
                last_day(filled.month) <= whole.{{ source }}_through
                and filled.{{ source }} > 0
                and filled.{{ source }} >= filled.usual_{{ source }} / 2,
                false
            ) as is_whole_for_{{ source }},
        {% endfor %}
        filled.crimes,
        filled.arrests
    from filled
    cross join whole

)

select * from final
order by month
