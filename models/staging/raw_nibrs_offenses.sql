{{ config(materialized='view') }}

{{ read_files('nibrs_offenses') }}
