with {{ distinct_reports(ref('stg_crimes'), ref('int_crime_copies')) }},

premises as (

    select * from {{ ref('int_code_categories') }}
    where code_system = 'premise'

),

weapons as (

    select * from {{ ref('int_code_categories') }}
    where code_system = 'weapon'

),

final as (

    select
        -- ids
        reports.report_id,
        reports.file_name,
        reports.area_id,
        reports.reporting_district,
        reports.crime_code,

        -- when
        reports.date_occurred,
        reports.date_reported,
        {{ hour_band('reports.hour_occurred') }} as hour_band,
        {{ weekday('reports.date_occurred') }} as weekday,

        -- what
        coalesce(crime_codes.part, 2) as part,
        coalesce(crime_codes.crime_group, 'unclassified') as crime_group,
        coalesce(crime_groups.district_group, 'unclassified') as district_group,
        coalesce(premises.category, 'online_or_other') as premise_type,
        case
            when reports.weapon_code is null then 'none_recorded'
            else coalesce(weapons.category, 'other_or_unknown')
        end as weapon_kind,

        -- the victim
        {{ age_band('reports.victim_age') }} as victim_age_band,
        coalesce(sex_codes.sex, 'unknown') as victim_sex,
        coalesce(descent_codes.descent_group, 'unknown') as victim_descent,

        -- flags
        districts.reporting_district is not null as is_on_boundary_layer,
        reports.lat is not null as has_coordinates,
        reports.is_default_time,
        reports.is_default_date,
        reports.is_reported_late
    from reports
    left join {{ ref('crime_codes') }} as crime_codes
        on reports.crime_code = crime_codes.crime_code
    left join {{ ref('crime_groups') }} as crime_groups
        on crime_codes.crime_group = crime_groups.crime_group
    left join premises on reports.premise_code = premises.code
    left join weapons on reports.weapon_code = weapons.code
    left join {{ ref('sex_codes') }} as sex_codes on reports.victim_sex_code = sex_codes.sex_code
    left join {{ ref('descent_codes') }} as descent_codes
        on reports.victim_descent_code = descent_codes.descent_code
    left join {{ ref('reporting_districts') }} as districts
        on reports.reporting_district = districts.reporting_district

)

select * from final
