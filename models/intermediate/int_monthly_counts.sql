-- NIBRS names every offence of a case; the old system one charge a report
with records as (

    {% for incidents, source, record_system in [
        ('int_crimes', 'crimes', 'record_system'),
        ('int_nibrs_offenses', 'crimes', "'nibrs'"),
        ('int_arrests', 'arrests', 'null'),
    ] %}
        select
            '{{ source }}' as source,
            small_area,
            area_id,
            cast(date_trunc('month', date_occurred) as date) as month,
            district_group as category,
            {{ record_system }} as record_system,
            {{ 0 if incidents == 'int_nibrs_offenses' else 1 }} as incident
        from {{ ref(incidents) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    small_area,
    area_id,
    month,
    category,
    record_system,
    cast(sum(incident) as bigint) as incidents,
    case when record_system = 'nibrs' then cast(sum(1 - incident) as bigint) end as offenses
from records
group by source, small_area, area_id, month, category, record_system
