{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}

-- depends_on: {{ source('files', 'arrests') }}
{{ read_files('arrests') }}
