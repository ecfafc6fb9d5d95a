{#
    The reading layer: the only place that knows files. Every file of a source becomes the same text
    columns, whatever its layout or format; each is read once, and only the columns that are used.
#}
{% macro read_files(source) %}
    {{ return(adapter.dispatch('read_files')(source)) }}
{% endmacro %}

{% macro duckdb__read_files(source) %}
    {% set columns = [
        'report_id', 'date_reported', 'date_occurred', 'time_occurred', 'area_id',
        'reporting_district', 'crime_code', 'charge_group_code', 'arrest_type_code', 'person_age',
        'person_sex', 'person_descent', 'premise_code', 'weapon_code', 'lat', 'lon', 'location',
    ] %}
    {# CSV files with the same header are one scan; Parquet files each have types of their own #}
    {% set scans = {} %}
    {% for file in inspect_inputs()['files'] if file.source == source %}
        {% set key = file.path if file.format == 'parquet' else is_gzip(file) ~ file.header | join(',') %}
        {% do scans.setdefault(key, []).append(file) %}
    {% endfor %}
    {% for files in scans.values() %}
        {% set paths = [] %}
        {% for file in files %}{% do paths.append("'" ~ as_pattern(quoted(file.path)) ~ "'") %}{% endfor %}
        {% set positions = range(files[0].header | length) %}
select
    '{{ source }}/' || parse_filename(la_crime_file) as file_name
        {%- for column in columns %},
    {% if column not in files[0].columns -%}
        null::varchar
    {%- elif files[0].format == 'csv' -%}
        c{{ files[0].columns[column] }}
    {%- else -%}
        {{ adapter.quote(files[0].header[files[0].columns[column]]) }}::varchar
    {%- endif %} as {{ column }}
        {%- endfor %}
        {% if files[0].format == 'csv' %}
from read_csv(
    [{{ paths | join(', ') }}],
    {# columns by position, so that no header can surprise the reader #}
    columns = { {%- for i in positions %}c{{ i }}: 'VARCHAR'{{ ', ' if not loop.last }}{% endfor -%} },
    header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    compression = '{{ 'gzip' if is_gzip(files[0]) else 'none' }}', filename = 'la_crime_file',
    {# a row that cannot be split is set aside; see unreadable_rows() #}
    store_rejects = true, rejects_scan = 'unreadable_scans', rejects_table = 'unreadable_rows',
    rejects_limit = 0
)
{# always true, and touches every column: DuckDB 1.5 dies of a byte that is not UTF-8 in a column whose
   position is past the number of columns that it reads #}
where coalesce({% for i in positions %}c{{ i }}, {% endfor %}'') is not null
        {% else %}
from read_parquet([{{ paths | join(', ') }}], filename = 'la_crime_file')
        {% endif %}
        {% if not loop.last %}
union all
        {% endif %}
    {% else %}
select
    null::varchar as file_name
        {%- for column in columns %},
    null::varchar as {{ column }}
        {%- endfor %}
where false
    {% endfor %}
{% endmacro %}


{# Whether a file is gzipped; DuckDB itself does not know `.GZ`. #}
{% macro is_gzip(file) %}{{ return(file.path.lower().endswith('.gz')) }}{% endmacro %}


{# A path as a pattern that matches it alone: in DuckDB `a[1].csv` would mean `a1.csv`. #}
{% macro as_pattern(path) %}
    {{ return(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')) }}
{% endmacro %}


{#
    A post-hook for the model that reads: adds the rows which the reader had to set aside (too few or
    too many fields, an open quote, bytes that are not UTF-8), one each, with the reason.
#}
{% macro add_unreadable_rows(source) %}
    {{ return(adapter.dispatch('add_unreadable_rows')(source)) }}
{% endmacro %}

{% macro duckdb__add_unreadable_rows(source) %}
    {% set tables = "select count(*) from duckdb_tables() where temporary and table_name = 'unreadable_rows'" %}
    {% if execute and run_query(tables).columns[0].values()[0] > 0 %}
insert into {{ this }} (file_name, reject_reason)
select
    '{{ source }}/' || parse_filename(scans.file_path) as file_name,
    'row cannot be read: ' || lower(min(rejected.error_type::varchar)) as reject_reason
from temp.unreadable_rows as rejected
inner join temp.unreadable_scans as scans using (scan_id, file_id)
group by scans.file_path, rejected.file_id, rejected.line_byte_position
    {% else %}
select 1
    {% endif %}
{% endmacro %}
