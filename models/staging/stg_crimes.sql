{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_files('crimes') }}",
    post_hook="{{ add_unreadable_rows('crimes') }}"
) }}

with raw_crimes as (

    select * from {{ ref('raw_crimes') }}
    {{ where_not_landed() }}

),

typed as (

    select
        file_name,
        landing_key,

        -- ids
        {{ to_number('report_id', 'bigint') }} as report_id,
        {{ to_number('area_id') }} as area_id,
        coalesce({{ to_number('reporting_district') }}, 0) as reporting_district,
        {{ to_number('crime_code') }} as crime_code,
        {{ to_number('premise_code') }} as premise_code,
        {{ to_number('weapon_code') }} as weapon_code,

        -- dates
        {{ to_date('date_reported') }} as date_reported,
        {{ to_date('date_occurred') }} as date_occurred,
        {{ to_number('time_occurred') }} as time_hhmm,

        -- the victim
        {{ to_number('person_age') }} as victim_age,
        upper(trim(person_sex)) as victim_sex_code,
        upper(trim(person_descent)) as victim_descent_code,

        -- the place
        coalesce({{ to_number('lat', 'double') }}, {{ nth_number('location', 1) }}) as first_coordinate,
        coalesce({{ to_number('lon', 'double') }}, {{ nth_number('location', 2) }}) as second_coordinate
    from raw_crimes

),

{{ cleaned_incidents('typed', ['crime_code', 'premise_code', 'weapon_code'], 'victim') }}

select * from cleaned
