with runs as (

    select * from {{ ref('asked_runs') }}

),

volumes as (

    select
        scope,
        place_id,
        period_id,
        source,
        n as volume
    from {{ ref('int_place_counts') }}
    where characteristic = 'incidents'

),

final as (

    select
        runs.run_id,
        runs.scope,
        places.place_id,
        coalesce(volumes.volume, 0) as volume,
        case
            when not places.is_on_boundary_layer then 'not on the boundary layer'
            when volumes.volume is null then 'no incidents in the period'
            when volumes.volume < runs.min_incidents
                then 'fewer than ' || runs.min_incidents || ' incidents in the period'
        end as exclusion_reason
    from runs
    inner join {{ ref('int_places') }} as places on runs.scope = places.scope
    left join volumes
        on
            runs.scope = volumes.scope
            and places.place_id = volumes.place_id
            and runs.period_id = volumes.period_id
            and runs.source = volumes.source

)

select * from final
order by run_id, place_id
