-- the months that expectations are made of: three years, and the eight before them that they rest on
with newest as (

    select max(month) as month from {{ ref('int_months') }}

)

{% for source, record_system in {'arrests': "'any'", 'crimes': 'months.record_system'}.items() %}
    select
        '{{ source }}' as source,
        months.month,
        {{ record_system }} as record_system,
        months.is_whole_for_{{ source }} as is_whole
    from {{ ref('int_months') }} as months
    inner join newest on months.month > newest.month - interval 11 year
    {{ 'union all' if not loop.last }}
{% endfor %}
order by source, month
