with reports as (

    {{ distinct_reports(ref('stg_nibrs_offenses'), ref('int_nibrs_copies'), key='offense_id') }}

),

final as (

    select
        -- ids
        reports.report_id,
        reports.offense_id,
        reports.file_name,
        reports.area_id,
        reports.small_area,
        reports.nibrs_code,

        -- where
        reports.lat,
        reports.lon,

        -- when
        reports.date_occurred,
        reports.date_reported,
        reports.hour_occurred,

        -- what
        coalesce(codes.part, 2) as part,
        coalesce(codes.crime_group, 'unclassified') as crime_group,
        coalesce(crime_groups.district_group, 'unclassified') as district_group,
        reports.premise_code,
        reports.weapon_code,

        -- a case is told by its most serious offence: an unknown code is the least
        row_number() over (
            partition by reports.report_id
            order by codes.seriousness asc nulls last, reports.offense_id asc
        ) as seriousness_rank,

        -- flags
        reports.lat is not null as has_coordinates,
        reports.is_default_time,
        reports.is_default_date,
        reports.is_reported_late
    from reports
    left join {{ ref('nibrs_codes') }} as codes on reports.nibrs_code = codes.nibrs_code
    left join {{ ref('crime_groups') }} as crime_groups
        on codes.crime_group = crime_groups.crime_group

)

select * from final
