-- Exploration: who are the victims and the arrestees, and when and at what kind of place do crimes
-- happen, over the closed years and in 2017? The city is the sum of its areas' profiles, whose counts
-- are rounded; cells that are hidden there came to nought, and are counted. These describe what was
-- recorded, and no clustering uses them. One row per period, source, characteristic and category.
with profiles as (

    select * from {{ ref('place_profiles') }}
    where
        scope = 'area'
        and period_id in ('all', '2017')
        and characteristic not in ('crime_group', 'charge_group')

),

final as (

    select
        period_id,
        source,
        characteristic,
        category,
        sum(n) as incidents_shown,
        round(sum(n) / sum(sum(n)) over (partition by period_id, source, characteristic), 4) as share,
        sum(case when is_suppressed then 1 else 0 end) as hidden_cells
    from profiles
    group by period_id, source, characteristic, category

)

select * from final
order by period_id desc, source desc, characteristic asc, incidents_shown desc nulls last, category asc
