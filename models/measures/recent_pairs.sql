-- each window beside its base, and what keeps the two from being compared
with windows as (

    select * from {{ ref('int_windows') }}

),

counts as (

    select * from {{ ref('recent_counts') }}

),

bases (comparison, window_id, base_id) as (

    values
    ('28_days_before', 'days_28', 'days_28_before'),
    ('28_days_last_year', 'days_28', 'days_28_last_year'),
    ('year_to_date_last_year', 'year_to_date', 'year_to_date_1'),
    ('year_to_date_three_years', 'year_to_date', 'year_to_date_1'),
    ('year_to_date_three_years', 'year_to_date', 'year_to_date_2'),
    ('year_to_date_three_years', 'year_to_date', 'year_to_date_3'),
    ('12_months_before', 'months_12', 'months_12_before')

),

sides as (

    select
        windows.source,
        bases.comparison,
        bases.window_id,
        bases.base_id,
        windows.start_date as window_start,
        windows.end_date as window_end,
        windows.n_days,
        windows.record_system,
        windows.is_whole and windows.record_system != 'both' as is_window_fit,
        base.start_date as base_start,
        base.end_date as base_end,
        base.is_whole and base.record_system = windows.record_system as is_base_fit,
        case
            when not windows.is_whole then 'the files do not have all of the newer side'
            when windows.record_system = 'both' then 'the newer side mixes reports with cases of NIBRS'
            when not base.is_whole then 'the files do not have all of the older side'
            when base.record_system != windows.record_system
                then 'the two sides count by different record systems, reports and cases of NIBRS'
        end as caution
    from bases
    inner join windows on bases.window_id = windows.window_id
    inner join windows as base on windows.source = base.source and bases.base_id = base.window_id

),

-- of several years those that can be compared; if none can, all, for their counts to be seen
chosen as (

    select
        *,
        bool_or(is_window_fit and is_base_fit) over (partition by source, comparison) as is_fit
    from sides
    qualify is_base_fit or not bool_or(is_base_fit) over (partition by source, comparison)

),

comparisons as (

    select
        source,
        comparison,
        window_id,
        window_start,
        window_end,
        n_days,
        record_system,
        min(base_start) as base_start,
        max(base_end) as base_end,
        count(*) as base_windows,
        list(base_id order by base_id) as base_ids,
        string_agg(strftime(base_end, '%Y'), ', ' order by base_end) as base_years,
        case when not bool_or(is_fit) then min(caution) end as caution
    from chosen
    group by all

),

-- the months of a year to date are those of its bases too
with_months as (

    select
        *,
        strftime(window_start, '%B')
        || case
            when month(window_start) = month(window_end) then '' else strftime(window_end, ' to %B')
        end as months_in_words
    from comparisons

),

named as (

    select
        *,
        case window_id
            when 'days_28' then 'the 28 days to ' || strftime(window_end, '%-d %B %Y')
            when 'months_12' then 'the 12 months to ' || strftime(window_end, '%B %Y')
            else months_in_words || strftime(window_end, ' %Y')
        end as window_name,
        case
            when comparison = '28_days_before' then 'the 28 days before'
            when comparison = '28_days_last_year' then 'the same weekdays a year before'
            when comparison = '12_months_before' then 'the 12 months before'
            when base_windows > 1 then months_in_words || ' of ' || base_years || ' (mean)'
            when comparison = 'year_to_date_three_years'
                then months_in_words || ' ' || base_years || ' (the only year of three)'
            else months_in_words || ' ' || base_years
        end as base_name
    from with_months

),

whole_days as (

    select
        source,
        category,
        whole_through
    from {{ ref('int_whole_days') }}
    where is_current

),

places as (

    select * from {{ ref('int_places') }}

),

n_areas as (

    select count(*) as n from places
    where scope = 'area'

),

paired as (

    select
        newer.scope,
        newer.place_id,
        newer.source,
        newer.category,
        named.comparison,
        named.window_name,
        named.window_start,
        named.window_end,
        named.n_days,
        named.base_name,
        named.base_start,
        named.base_end,
        named.base_windows,
        named.record_system,
        named.caution,
        whole_days.whole_through,
        newer.n,
        cast(sum(older.n) as bigint) as base_n
    from named
    inner join counts as newer
        on named.source = newer.source and named.window_id = newer.window_id
    inner join counts as older
        on
            newer.scope = older.scope
            and newer.place_id = older.place_id
            and newer.source = older.source
            and newer.category = older.category
            and list_contains(named.base_ids, older.window_id)
    inner join whole_days
        on newer.source = whole_days.source and newer.category = whole_days.category
    group by all

)

select
    paired.scope,
    paired.place_id,
    paired.source,
    paired.category,
    paired.comparison,
    paired.window_name,
    paired.window_start,
    paired.window_end,
    paired.n_days,
    paired.base_name,
    paired.base_start,
    paired.base_end,
    paired.base_windows,
    paired.record_system,
    paired.n,
    paired.base_n,
    case paired.scope when 'city' then n_areas.n else 1 end as n_places,
    coalesce(
        paired.caution,
        case
            when places.ground_since > paired.base_start
                then 'its ground changed on ' || strftime(places.ground_since, '%-d %B %Y')
            when paired.whole_through < paired.window_end
                then
                    'its newest reports are not all in: it is whole through '
                    || strftime(paired.whole_through, '%-d %B %Y')
        end
    ) as not_comparable_because,
    paired.n + paired.base_n / paired.base_windows >= {{ var('min_compared') }} as is_enough
from paired
left join places on paired.scope = places.scope and paired.place_id = places.place_id
cross join n_areas
order by paired.scope, paired.source, paired.category, paired.comparison, paired.place_id
