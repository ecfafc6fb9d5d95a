{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_files('nibrs_offenses') }}",
    post_hook="{{ add_unreadable_rows('nibrs_offenses') }}"
) }}

with raw_nibrs_offenses as (

    select * from {{ ref('raw_nibrs_offenses') }}
    {{ where_not_landed() }}

),

typed as (

    select
        file_name,
        landing_key,

        -- ids: a case, and one offence of it
        {{ to_number('report_id', 'bigint') }} as report_id,
        nullif(upper(trim(offense_id)), '') as offense_id,
        {{ to_number('area_id') }} as area_id,
        coalesce({{ to_number('reporting_district') }}, 0) as reporting_district,
        upper(trim(nibrs_code)) as nibrs_code,
        {{ to_number('premise_code') }} as premise_code,
        {{ to_number('weapon_code') }} as weapon_code,

        -- dates
        {{ to_date('date_reported') }} as date_reported,
        {{ to_date('date_occurred') }} as date_occurred,
        {{ to_number('time_occurred') }} as time_hhmm,

        -- the place
        coalesce({{ to_number('lat', 'double') }}, {{ nth_number('location', 1) }}) as first_coordinate,
        coalesce({{ to_number('lon', 'double') }}, {{ nth_number('location', 2) }}) as second_coordinate
    from raw_nibrs_offenses

),

{{ cleaned_incidents(
    'typed', ['nibrs_code', 'premise_code', 'weapon_code'], person=none, keys=['offense_id']
) }}

select * from cleaned
