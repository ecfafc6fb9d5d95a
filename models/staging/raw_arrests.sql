{{ config(materialized='view') }}

{{ read_files('arrests') }}
