{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    meta={'contents_by': ['landing_key', 'reject_reason']},
    pre_hook={'sql': "{{ forget_changed_files('arrests') }}", 'transaction': false},
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
        {{ to_identifier('report_id') }} as report_id,
        {{ to_number('area_id') }} as area_number,
        coalesce({{ to_number('small_area') }}, 0) as small_area,
        {{ to_number('charge_group_code') }} as charge_group_code,
        {{ to_code('arrest_type_code') }} as arrest_type_code,

        -- dates
        {{ to_date('date_occurred', 'date_occurred_order') }} as date_occurred,
        {{ to_hhmm('time_occurred') }} as time_hhmm,

        -- the arrestee
        {{ to_number('person_age') }} as arrestee_age,
        {{ to_code('person_age') }} as arrestee_age_code,
        {{ to_code('person_sex') }} as arrestee_sex_code,
        {{ to_code('person_descent') }} as arrestee_descent_code,

        -- the place
        coalesce({{ to_degrees('lat') }}, {{ nth_number('location', 1) }}) as first_coordinate,
        coalesce({{ to_degrees('lon') }}, {{ nth_number('location', 2) }}) as second_coordinate,

        -- as written
        cast(null as string) as date_reported_text,
        {{ as_written() }}
    from raw_arrests

),

reported as (

    select
        *,
        -- an arrest is reported when it happens
        date_occurred as date_reported
    from typed

),

cleaned as (

    {{ cleaned_incidents('arrests', 'reported', ['charge_group_code', 'arrest_type_code'], 'arrestee') }}

)

select * from cleaned
