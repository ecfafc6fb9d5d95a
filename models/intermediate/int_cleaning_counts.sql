-- what each cleaning choice would count, so that no measure reads single crimes
select
    area_id,
    reporting_district,
    extract(year from date_occurred) as year,
    count(*) as n_all,
    count(*) filter (where is_default_time or is_default_date) as n_default,
    count(*) filter (where is_on_boundary_layer) as n_on_map,
    count(*) filter (where part = 1) as n_part_1,
    count(*) filter (where part = 1 and crime_group = 'aggravated_assault') as n_assaults
from {{ ref('int_crimes') }}
group by area_id, reporting_district, year
