select
    denominator,
    title,
    file as file_name,
    cast(year as integer) as year
from {{ ref('int_denominators') }}
order by denominator
