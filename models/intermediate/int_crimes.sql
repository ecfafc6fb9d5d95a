with reports as (

    {{ distinct_reports(ref('stg_crimes'), ref('int_crime_copies')) }}

),

premises as (

    select * from {{ ref('int_code_categories') }}
    where code_system = 'premise'

),

weapons as (

    select * from {{ ref('int_code_categories') }}
    where code_system = 'weapon'

),

code_systems as (

    select
        count(*) filter (where code_system = 'premise') as premise_codes,
        count(*) filter (where code_system = 'weapon') as weapon_codes
    from {{ ref('int_code_categories') }}

),

-- one record a report, by the charge that the report names
legacy as (

    select
        'legacy' as record_system,
        reports.report_id,
        reports.file_name,
        reports.area_id,
        reports.small_area,
        reports.crime_code,
        reports.date_occurred,
        reports.date_reported,
        reports.hour_occurred,
        coalesce(crime_codes.part, 2) as part,
        coalesce(crime_codes.crime_group, 'unclassified') as crime_group,
        coalesce(crime_groups.district_group, 'unclassified') as district_group,
        reports.premise_code,
        reports.weapon_code,
        coalesce(age_codes.age_band, {{ age_band('reports.victim_age') }}) as victim_age_band,
        coalesce(sex_codes.sex, 'unknown') as victim_sex,
        coalesce(descent_codes.descent_group, 'unknown') as victim_descent,
        reports.lat,
        reports.lon,
        reports.is_default_time,
        reports.is_default_date,
        reports.is_reported_late
    from reports
    left join {{ ref('crime_codes') }} as crime_codes
        on reports.crime_code = crime_codes.crime_code
    left join {{ ref('crime_groups') }} as crime_groups
        on crime_codes.crime_group = crime_groups.crime_group
    left join {{ ref('age_codes') }} as age_codes on reports.victim_age_code = age_codes.age_code
    left join {{ ref('sex_codes') }} as sex_codes on reports.victim_sex_code = sex_codes.sex_code
    left join {{ ref('descent_codes') }} as descent_codes
        on reports.victim_descent_code = descent_codes.descent_code
    -- NIBRS has the later word on a case that both systems have
    where
        reports.report_id not in (
            select both_have.report_id from {{ ref('int_crimes_in_both_systems') }} as both_have
        )

),

-- one record a case, by its most serious offence; victims are not in the feed
nibrs as (

    select
        'nibrs' as record_system,
        report_id,
        file_name,
        area_id,
        small_area,
        nibrs_code as crime_code,
        date_occurred,
        date_reported,
        hour_occurred,
        part,
        crime_group,
        district_group,
        premise_code,
        weapon_code,
        null as victim_age_band,
        null as victim_sex,
        null as victim_descent,
        lat,
        lon,
        is_default_time,
        is_default_date,
        is_reported_late
    from {{ ref('int_nibrs_offenses') }}
    where seriousness_rank = 1

),

records as (

    select * from legacy
    union all
    select * from nibrs

),

final as (

    select
        -- ids
        records.record_system,
        records.report_id,
        records.file_name,
        records.area_id,
        records.small_area,
        records.crime_code,

        -- where
        records.lat,
        records.lon,

        -- when
        records.date_occurred,
        records.date_reported,
        {{ hour_band('records.hour_occurred') }} as hour_band,
        {{ weekday('records.date_occurred') }} as weekday,

        -- what
        records.part,
        records.crime_group,
        records.district_group,
        -- null where the city has no such codes
        case
            when code_systems.premise_codes > 0 then coalesce(premises.category, 'online_or_other')
        end as premise_type,
        case
            when code_systems.weapon_codes = 0 then null
            when records.weapon_code is null then 'none_recorded'
            else coalesce(weapons.category, 'other_or_unknown')
        end as weapon_kind,

        -- the victim
        records.victim_age_band,
        records.victim_sex,
        records.victim_descent,

        -- flags
        districts.small_area is not null as is_on_boundary_layer,
        records.lat is not null as has_coordinates,
        records.is_default_time,
        records.is_default_date,
        records.is_reported_late
    from records
    cross join code_systems
    left join premises on records.premise_code = premises.code
    left join weapons on records.weapon_code = weapons.code
    left join {{ ref('small_areas') }} as districts
        on records.small_area = districts.small_area

)

select * from final
