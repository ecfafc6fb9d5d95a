with keys as (

    select
        year,
        {{ without_length('min(first_report)') }}
        || '-' || {{ without_length('max(last_report)') }} as report_key
    from {{ ref('int_closed_counts') }}
    where source = 'crimes' and characteristic = 'incidents'
    group by year

),

counts as (

    select
        counts.year,
        counts.crime_group,
        keys.report_key,
        counts.n,
        counts.category,
        counts.characteristic
    from {{ ref('int_closed_group_counts') }} as counts
    inner join keys on counts.year = keys.year

),

rounded as (

    {{ rounded_at_random(
        'counts',
        place=['year'],
        table=['characteristic', 'crime_group'],
        cell='category',
        key='report_key',
    ) }}

)

select
    cast(year as varchar) as period_id,
    crime_group,
    characteristic,
    category,
    n
from rounded
