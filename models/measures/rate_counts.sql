-- the counts that rates are made of, none where a place has none: groups for the periods that districts are
-- profiled for, all incidents for every period
with months as (

    select
        source,
        month
    from {{ ref('int_monthly_counts') }}
    where incidents > 0
    group by source, month

),

-- the newest month of one source need not be that of another
spans as (

    select
        periods.period_id,
        months.source,
        count(*) as months
    from {{ ref('int_periods') }} as periods
    inner join months on months.month between date_trunc('month', periods.start_date) and periods.end_date
    group by periods.period_id, months.source

),

counts as (

    select
        counts.scope,
        counts.place_id,
        counts.period_id,
        counts.source,
        case when counts.characteristic = 'incidents' then 'all' else counts.category end as incident_group,
        counts.n
    from {{ ref('int_place_counts') }} as counts
    inner join {{ ref('periods') }} as periods on counts.period_id = periods.period_id
    where
        counts.characteristic = 'incidents'
        or (periods.is_profiled_by_district and counts.category != 'unclassified')

),

groups as (

    select distinct
        scope,
        period_id,
        source,
        incident_group
    from counts

)

select
    groups.scope,
    groups.period_id,
    groups.source,
    groups.incident_group,
    denominators.denominator,
    denominators.place_id,
    coalesce(counts.n, 0) as n,
    denominators.n as base,
    spans.months
from groups
inner join {{ ref('int_place_denominators') }} as denominators
    on groups.scope = denominators.scope and denominators.n > 0
inner join spans on groups.period_id = spans.period_id and groups.source = spans.source
left join counts
    on
        groups.scope = counts.scope
        and groups.period_id = counts.period_id
        and groups.source = counts.source
        and groups.incident_group = counts.incident_group
        and denominators.place_id = counts.place_id
order by all
