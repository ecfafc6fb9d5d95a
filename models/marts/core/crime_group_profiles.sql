with counts as (

    select * from {{ ref('int_group_counts') }}

),

totals as (

    select
        period_id,
        crime_group,
        characteristic,
        sum(n) as total
    from counts
    group by period_id, crime_group, characteristic

),

categories as (

    select distinct
        period_id,
        characteristic,
        category
    from counts

),

-- every category of the year for every group, so that a line says nothing of whether there are any
final as (

    select
        totals.period_id,
        totals.crime_group,
        totals.characteristic,
        categories.category,
        cast(nullif(counts.n, 0) as bigint) as n,
        round(nullif(counts.n, 0) / totals.total, 6) as share,
        case when counts.n > 0 then 'counted' else 'suppressed' end as cell_status
    from totals
    inner join categories
        on totals.period_id = categories.period_id and totals.characteristic = categories.characteristic
    left join counts
        on
            totals.period_id = counts.period_id
            and totals.crime_group = counts.crime_group
            and totals.characteristic = counts.characteristic
            and categories.category = counts.category
    where totals.total > 0

    union all

    select
        period_id,
        crime_group,
        characteristic,
        '(too few incidents)' as category,
        null as n,
        null as share,
        'suppressed' as cell_status
    from totals
    where total = 0

)

select * from final
order by period_id, crime_group, characteristic, category
