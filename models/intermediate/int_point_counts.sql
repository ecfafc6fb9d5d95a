-- points are rounded to the hundred block, and few: places are asked of them and not of incidents
select
    source,
    area_id,
    small_area,
    lat,
    lon,
    cast(sum(n) as bigint) as n
from {{ ref('int_spot_counts') }}
where lat is not null
group by source, area_id, small_area, lat, lon
order by source, area_id, small_area, lat, lon
