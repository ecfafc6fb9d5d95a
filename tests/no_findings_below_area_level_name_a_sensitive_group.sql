-- Fails with each finding about districts that names a sensitive group of crimes.
{{ config(store_failures=true) }}

with sensitive as (

    select
        crime_group,
        lower(crime_group_name) as group_name
    from {{ ref('dim_crime_groups') }}
    where is_sensitive

),

named as (

    select distinct
        'spatial_clusters' as finding,
        crime_group as group_or_label
    from {{ ref('spatial_clusters') }}
    where scope = 'district'

    union all

    select distinct
        'spatial_autocorrelation' as finding,
        crime_group as group_or_label
    from {{ ref('spatial_autocorrelation') }}
    where scope = 'district'

    union all

    select distinct
        'crime_concentration' as finding,
        crime_group as group_or_label
    from {{ ref('crime_concentration') }}

    union all

    select distinct
        'crime_arrest_divergence' as finding,
        crime_group as group_or_label
    from {{ ref('crime_arrest_divergence') }}
    where scope = 'district'

    union all

    select distinct
        'place_typology' as finding,
        lower(mix_label || ', ' || coalesce(highest_location_quotients, '')) as group_or_label
    from {{ ref('place_typology') }}
    where scope = 'district'

)

select
    named.finding,
    named.group_or_label,
    sensitive.crime_group
from named
inner join sensitive
    on named.group_or_label = sensitive.crime_group or contains(named.group_or_label, sensitive.group_name)
