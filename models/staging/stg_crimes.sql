{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    meta={'contents_by': ['landing_key', 'reject_reason']},
    pre_hook={'sql': "{{ forget_changed_files('crimes') }}", 'transaction': false},
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
        {{ to_identifier('report_id') }} as report_id,
        {{ to_number('area_id') }} as area_number,
        coalesce({{ to_number('small_area') }}, 0) as small_area,
        coalesce(
            {{ to_offence_code('crime_code') }}, '*' || {{ to_offence_code('crime_class') }}
        ) as crime_code,
        {{ to_number('premise_code') }} as premise_code,
        {{ to_number('weapon_code') }} as weapon_code,

        -- dates
        {{ to_date('date_reported', 'date_reported_order') }} as date_reported,
        {{ to_date('date_occurred', 'date_occurred_order') }} as date_occurred,
        {{ to_hhmm('time_occurred') }} as time_hhmm,

        -- the victim
        {{ to_number('person_age') }} as victim_age,
        {{ to_code('person_age') }} as victim_age_code,
        {{ to_code('person_sex') }} as victim_sex_code,
        {{ to_code('person_descent') }} as victim_descent_code,

        -- the place
        coalesce({{ to_degrees('lat') }}, {{ nth_number('location', 1) }}) as first_coordinate,
        coalesce({{ to_degrees('lon') }}, {{ nth_number('location', 2) }}) as second_coordinate,

        -- as written
        date_reported as date_reported_text,
        {{ as_written() }}
    from raw_crimes

),

cleaned as (

    {{ cleaned_incidents('crimes', 'typed', ['crime_code', 'premise_code', 'weapon_code'], 'victim') }}

)

select * from cleaned
