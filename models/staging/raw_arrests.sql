{{ config(materialized='view') }}

-- depends_on: {{ source('files', 'arrests') }}
{{ read_files('arrests') }}
