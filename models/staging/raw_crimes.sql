{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}

-- depends_on: {{ source('files', 'crimes') }}
{{ read_files('crimes') }}
