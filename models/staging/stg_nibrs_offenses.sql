{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='sync_all_columns',
    meta={'contents_by': ['landing_key', 'reject_reason']},
    pre_hook={'sql': "{{ forget_changed_files('nibrs_offenses') }}", 'transaction': false},
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
        {{ to_identifier('report_id') }} as report_id,
        {{ to_code('offense_id') }} as offense_id,
        {{ to_number('area_id') }} as area_number,
        coalesce({{ to_number('small_area') }}, 0) as small_area,
        {{ to_code('nibrs_code') }} as own_nibrs_code,
        {{ to_offence_code('crime_code') }} as crime_code,
        {{ to_number('premise_code') }} as premise_code,
        {{ to_number('weapon_code') }} as weapon_code,

        -- dates
        {{ to_date('date_reported', 'date_reported_order') }} as date_reported,
        {{ to_date('date_occurred', 'date_occurred_order') }} as date_occurred,
        {{ to_hhmm('time_occurred') }} as time_hhmm,

        -- the place
        coalesce({{ to_degrees('lat') }}, {{ nth_number('location', 1) }}) as first_coordinate,
        coalesce({{ to_degrees('lon') }}, {{ nth_number('location', 2) }}) as second_coordinate,

        -- as written
        date_reported as date_reported_text,
        {{ as_written() }}
    from raw_nibrs_offenses

),

coded as (

    select
        typed.*,
        -- what a city's own code is in NIBRS; as it is where that is not known
        coalesce(typed.own_nibrs_code, crime_codes.nibrs_code, typed.crime_code) as nibrs_code
    from typed
    left join {{ ref('crime_codes') }} as crime_codes
        on typed.own_nibrs_code is null and typed.crime_code = crime_codes.crime_code

),

cleaned as (

    {{ cleaned_incidents(
        'nibrs_offenses', 'coded', ['nibrs_code', 'premise_code', 'weapon_code'], person=none, keys=['offense_id']
    ) }}

)

select * from cleaned
