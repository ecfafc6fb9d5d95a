{{ config(materialized='view') }}

-- depends_on: {{ source('files', 'nibrs_offenses') }}
{{ read_files('nibrs_offenses') }}
