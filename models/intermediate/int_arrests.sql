with reports as (

    {{ distinct_reports(ref('stg_arrests'), ref('int_arrest_copies')) }}

),

final as (

    select
        -- ids
        reports.report_id,
        reports.file_name,
        reports.area_id,
        reports.small_area,
        reports.charge_group_code,

        -- where
        reports.lat,
        reports.lon,

        -- when
        reports.date_occurred,
        reports.date_reported,
        {{ hour_band('reports.hour_occurred') }} as hour_band,
        {{ weekday('reports.date_occurred') }} as weekday,

        -- what
        coalesce(charge_groups.charge_group, 'unclassified') as charge_group,
        coalesce(charge_groups.district_group, 'unclassified') as district_group,
        coalesce(arrest_types.arrest_type, 'unknown') as arrest_type,

        -- the arrestee
        coalesce(age_codes.age_band, {{ age_band('reports.arrestee_age') }}) as arrestee_age_band,
        coalesce(sex_codes.sex, 'unknown') as arrestee_sex,
        coalesce(descent_codes.descent_group, 'unknown') as arrestee_descent,

        -- flags
        districts.small_area is not null as is_on_boundary_layer,
        reports.lat is not null as has_coordinates,
        reports.is_default_time,
        reports.is_default_date,
        reports.is_reported_late
    from reports
    left join {{ ref('charge_groups') }} as charge_groups
        on reports.charge_group_code = charge_groups.charge_group_code
    left join {{ ref('arrest_types') }} as arrest_types
        on reports.arrest_type_code = arrest_types.arrest_type_code
    left join {{ ref('age_codes') }} as age_codes on reports.arrestee_age_code = age_codes.age_code
    left join {{ ref('sex_codes') }} as sex_codes on reports.arrestee_sex_code = sex_codes.sex_code
    left join {{ ref('descent_codes') }} as descent_codes
        on reports.arrestee_descent_code = descent_codes.descent_code
    left join {{ ref('small_areas') }} as districts
        on reports.small_area = districts.small_area

)

select * from final
