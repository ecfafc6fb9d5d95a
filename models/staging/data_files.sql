{% for file in inspected_inputs()['files'] %}
    select
        '{{ file.source }}' as source_name,
        '{{ quoted(file.file_name) }}' as file_name,
        '{{ quoted(file.layout) }}' as layout,
        '{{ file.format }}' as format,
        '{{ file.columns | list | join(', ') }}{{ ', coordinates' if 'lat' in file.columns or 'location' in file.columns }}' as columns_read,
        '{{ file.absent | join(', ') }}' as columns_absent,
        cast({{ file.bytes }} as bigint) as bytes,
        '{{ file.sha256 }}' as sha256,
        {{ file.is_date_order_given }} as is_date_order_given,
        {{ file.is_synthetic }} as is_synthetic,
        cast('{{ file.fetched_at }}' as timestamp) as fetched_at
    {{ 'union all' if not loop.last }}
{% else %}
    select
        cast(null as string) as source_name,
        cast(null as string) as file_name,
        cast(null as string) as layout,
        cast(null as string) as format,
        cast(null as string) as columns_read,
        cast(null as string) as columns_absent,
        cast(null as bigint) as bytes,
        cast(null as string) as sha256,
        cast(null as boolean) as is_date_order_given,
        cast(null as boolean) as is_synthetic,
        cast(null as timestamp) as fetched_at
    where false
{% endfor %}
