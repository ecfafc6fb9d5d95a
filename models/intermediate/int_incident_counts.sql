{#- Only what the monthly facts show too: every other characteristic waits in `int_closed_counts`. -#}
{%- for source, group in {'crimes': 'crime_group', 'arrests': 'charge_group'}.items() %}
    select
        '{{ source }}' as source,
        area_id,
        reporting_district,
        extract(year from date_occurred) as year,
        'incidents' as characteristic,
        'all' as category,
        count(*) as n
    from {{ ref('int_' ~ source) }}
    group by area_id, reporting_district, year

    union all

    select
        '{{ source }}' as source,
        area_id,
        reporting_district,
        extract(year from date_occurred) as year,
        '{{ group }}' as characteristic,
        district_group as category,
        count(*) as n
    from {{ ref('int_' ~ source) }}
    group by area_id, reporting_district, year, category
    {{ 'union all' if not loop.last }}
{% endfor %}
