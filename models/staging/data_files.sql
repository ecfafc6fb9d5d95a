{% for file in inspected_inputs()['files'] %}
    select
        '{{ file.source }}' as source_name,
        '{{ quoted(file.file_name) }}' as file_name,
        '{{ quoted(file.layout) }}' as layout,
        '{{ file.format }}' as format,
        '{{ file.columns | list | join(', ') }}{{ ', coordinates' if 'lat' in file.columns or 'location' in file.columns }}' as columns_read,
        '{{ file.absent | join(', ') }}' as columns_absent,
        {{ file.bytes }}::bigint as bytes,
        '{{ file.sha256 }}' as sha256,
        {{ file.is_date_order_given }} as is_date_order_given,
        {{ file.is_synthetic }} as is_synthetic,
        cast('{{ file.fetched_at }}' as timestamp) as fetched_at
    {{ 'union all' if not loop.last }}
{% else %}
    select
        null::varchar as source_name,
        null::varchar as file_name,
        null::varchar as layout,
        null::varchar as format,
        null::varchar as columns_read,
        null::varchar as columns_absent,
        null::bigint as bytes,
        null::varchar as sha256,
        null::boolean as is_date_order_given,
        null::boolean as is_synthetic,
        null::timestamp as fetched_at
    where false
{% endfor %}
