select
    denominator,
    title as denominator_title,
    file as denominator_file,
    cast(year as integer) as denominator_year
from {{ ref('int_denominators') }}
order by denominator
