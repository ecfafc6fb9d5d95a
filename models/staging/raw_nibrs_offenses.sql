{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}

-- depends_on: {{ source('files', 'nibrs_offenses') }}
{{ read_files('nibrs_offenses') }}
