-- Fails with each sum that gives a hidden cell away, each small cell that is shown, and each wrong number.
{{ config(store_failures=true) }}

{%- set threshold = var('suppression_threshold') %}
{#- The partitions whose cells add up, as the profiles themselves have them. #}
{%- set sums = {
    'place_cells': [
        ['scope', 'place_id', 'period_id', 'source', 'characteristic'],
        ['scope', 'place_id', 'years', 'source', 'characteristic', 'category'],
        ['area_id', 'period_id', 'source', 'characteristic', 'category'],
        ['scope', 'period_id', 'source', 'characteristic', 'category'],
        ['scope', 'place_id', 'period_id', 'source', 'characteristic', 'shown_group'],
    ],
    'tier_cells': [
        ['run_id', 'cluster_rank', 'characteristic'],
        ['run_id', 'characteristic', 'category'],
    ],
} %}

with counts as (

    select * from {{ ref('int_place_counts') }}
    where characteristic != 'incidents'

),

place_profiles as (

    select * from {{ ref('place_profiles') }}

),

cluster_profiles as (

    select * from {{ ref('cluster_profiles') }}

),

-- the monthly facts count a sensitive group in a wider one
groups as (

    select
        'crime_group' as characteristic,
        crime_group as category,
        district_group
    from {{ ref('crime_groups') }}

    union all

    select
        'charge_group' as characteristic,
        charge_group as category,
        district_group
    from {{ ref('charge_groups') }}

),

-- a cell without a line in the profile is hidden: its place has too few incidents for any
place_cells as (

    select
        counts.*,
        places.area_id,
        case when counts.scope = 'district' then counts.period_id else 'every year' end as years,
        coalesce(groups.district_group, counts.category) as shown_group,
        profiles.n as n_shown,
        coalesce(profiles.is_suppressed, true) as is_hidden
    from counts
    inner join {{ ref('periods') }} as periods on counts.period_id = periods.period_id
    inner join {{ ref('dim_places') }} as places
        on counts.scope = places.scope and counts.place_id = places.place_id
    left join groups on counts.characteristic = groups.characteristic and counts.category = groups.category
    left join place_profiles as profiles
        on
            counts.scope = profiles.scope
            and counts.place_id = profiles.place_id
            and counts.period_id = profiles.period_id
            and counts.source = profiles.source
            and counts.characteristic = profiles.characteristic
            and counts.category = profiles.category
    where
        case
            when counts.scope = 'district' then periods.is_profiled_by_district
            else
                periods.end_date is null
                or extract(year from periods.start_date) = extract(year from periods.end_date)
        end

),

tier_counts as (

    select
        assignments.run_id,
        assignments.cluster_rank,
        counts.characteristic,
        counts.category,
        sum(counts.n) as n
    from {{ ref('cluster_assignments') }} as assignments
    inner join {{ ref('cluster_runs') }} as runs on assignments.run_id = runs.run_id
    inner join counts
        on
            runs.scope = counts.scope
            and assignments.place_id = counts.place_id
            and runs.period_id = counts.period_id
    group by assignments.run_id, assignments.cluster_rank, counts.characteristic, counts.category

),

tier_cells as (

    select
        tier_counts.*,
        profiles.n as n_shown,
        coalesce(profiles.is_suppressed, true) as is_hidden
    from tier_counts
    left join cluster_profiles as profiles
        on
            tier_counts.run_id = profiles.run_id
            and tier_counts.cluster_rank = profiles.cluster_rank
            and tier_counts.characteristic = profiles.characteristic
            and tier_counts.category = profiles.category

),

-- where nothing is shown, there is nothing to subtract from
given_away as (

    {% for cells, relations in sums.items() %}
        {% set outer_loop = loop %}
        {% for relation in relations %}
            select
                '{{ cells }}: {{ relation | join(', ') }}' as problem,
                concat_ws(' / ', {{ relation | join(', ') }}) as cell,
                count(*) filter (where is_hidden) as n_hidden,
                sum(n) filter (where is_hidden) as sum_hidden
            from {{ cells }}
            group by {{ relation | join(', ') }}
            having
                count(*) filter (where not is_hidden) > 0
                and (
                    count(*) filter (where is_hidden) = 1
                    or sum(n) filter (where is_hidden) < {{ threshold }}
                )
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
    {% endfor %}

),

-- a tier that is shown, less its places that are
given_away_by_tiers as (

    select
        'tier_cells less place_cells' as problem,
        concat_ws(
            ' / ', tier_cells.run_id, tier_cells.cluster_rank, tier_cells.characteristic, tier_cells.category
        )
            as cell,
        count(*) as n_hidden,
        sum(place_cells.n) as sum_hidden
    from tier_cells
    inner join {{ ref('cluster_runs') }} as runs on tier_cells.run_id = runs.run_id
    inner join {{ ref('cluster_assignments') }} as assignments
        on tier_cells.run_id = assignments.run_id and tier_cells.cluster_rank = assignments.cluster_rank
    inner join place_cells
        on
            runs.scope = place_cells.scope
            and assignments.place_id = place_cells.place_id
            and runs.period_id = place_cells.period_id
            and tier_cells.characteristic = place_cells.characteristic
            and tier_cells.category = place_cells.category
    where not tier_cells.is_hidden and place_cells.is_hidden
    group by tier_cells.run_id, tier_cells.cluster_rank, tier_cells.characteristic, tier_cells.category
    having count(*) = 1 or sum(place_cells.n) < {{ threshold }}

),

wrongly_shown as (

    {% for cells in sums %}
        select
            '{{ cells }}: shown and small, or not the true number' as problem,
            concat_ws(' / ', {{ sums[cells][0] | join(', ') }}, category) as cell,
            0 as n_hidden,
            n as sum_hidden
        from {{ cells }}
        where (not is_hidden and n < {{ threshold }}) or (not is_hidden and n_shown is distinct from n)
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- a hidden cell has no number of any kind
leaking as (

    {% for profiles in ['place_profiles', 'cluster_profiles'] %}
        select
            '{{ profiles }}: hidden, but with a number' as problem,
            concat_ws(' / ', characteristic, category) as cell,
            count(*) as n_hidden,
            null as sum_hidden
        from {{ profiles }}
        where is_suppressed and coalesce(n, share, location_quotient) is not null
        group by characteristic, category
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

too_few_cells as (

    select cells.*
    from place_cells as cells
    inner join place_profiles as profiles
        on
            cells.scope = profiles.scope
            and cells.place_id = profiles.place_id
            and cells.period_id = profiles.period_id
            and cells.source = profiles.source
            and cells.characteristic = profiles.characteristic
    where profiles.category = '(too few incidents)'

),

-- a profile that says '(too few incidents)' stands for fewer than the threshold, and shows nothing else
too_few as (

    select
        'place_profiles: too few incidents, and yet cells or not few' as problem,
        concat_ws(' / ', scope, place_id, period_id, source, characteristic) as cell,
        count(*) filter (where is_hidden) as n_hidden,
        sum(n) as sum_hidden
    from too_few_cells
    group by scope, place_id, period_id, source, characteristic
    having count(*) filter (where not is_hidden) > 0 or sum(n) >= {{ threshold }}

)

select * from given_away
union all
select * from given_away_by_tiers
union all
select * from wrongly_shown
union all
select * from leaking
union all
select * from too_few
