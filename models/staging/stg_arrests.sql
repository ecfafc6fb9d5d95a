{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_files('arrests') }}",
    post_hook="{{ add_unreadable_rows('arrests') }}"
) }}

with raw_arrests as (

    select * from {{ ref('raw_arrests') }}
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
        {{ to_number('charge_group_code') }} as charge_group_code,
        upper(trim(arrest_type_code)) as arrest_type_code,

        -- dates: an arrest is reported when it happens
        {{ to_date('date_occurred') }} as date_reported,
        {{ to_date('date_occurred') }} as date_occurred,
        {{ to_number('time_occurred') }} as time_hhmm,

        -- the arrestee
        {{ to_number('person_age') }} as arrestee_age,
        upper(trim(person_sex)) as arrestee_sex_code,
        upper(trim(person_descent)) as arrestee_descent_code,

        -- the place
        coalesce({{ to_number('lat', 'double') }}, {{ nth_number('location', 1) }}) as first_coordinate,
        coalesce({{ to_number('lon', 'double') }}, {{ nth_number('location', 2) }}) as second_coordinate
    from raw_arrests

),

{{ cleaned_incidents('typed', ['charge_group_code', 'arrest_type_code'], 'arrestee') }}

select * from cleaned
