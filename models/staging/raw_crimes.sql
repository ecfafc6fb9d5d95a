{{ config(materialized='view') }}

-- depends_on: {{ source('files', 'crimes') }}
{{ read_files('crimes') }}
