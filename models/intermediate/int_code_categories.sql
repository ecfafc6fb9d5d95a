select
    code_system,
    category,
    {{ each_number('code_from', 'code_to') }} as code
from {{ ref('code_ranges') }}
