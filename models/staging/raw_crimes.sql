{{ config(materialized='view') }}

{{ read_files('crimes') }}
