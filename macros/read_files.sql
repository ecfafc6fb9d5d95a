{#
    The reading layer: the only place that knows files. Every file of a source becomes the same text
    columns, whatever its layout or format; each is read once, and only the columns that are used.
    A file whose rows the staging model already has, by its landing key, is not read again.
#}
{% macro read_files(source) %}
    {{ return(adapter.dispatch('read_files')(source)) }}
{% endmacro %}

{% macro duckdb__read_files(source) %}
    {# a seed that staging reads has to be one of the reader's too: see staging_rules() #}
    {% do ref('areas') %}
    {% do ref('crime_codes') %}
    {# CSV files that are written alike are one scan; Parquet files each have types of their own #}
    {% set scans = {} %}
    {% set landed = landed_keys(source) %}
    {% for file in files_to_land(source) if file.landing_key not in landed %}
        {% set written = [is_gzip(file), file.delimiter, file.skip, file.header, file.columns, file.date_orders] %}
        {% do scans.setdefault(file.path if file.format == 'parquet' else written | string, []).append(file) %}
    {% endfor %}
    {% for files in scans.values() %}
{{ read_alike(files) }}
        {% if not loop.last %}
union all
        {% endif %}
    {% else %}
select
    null::varchar as file_name,
    null::varchar as landing_key,
    null::varchar as date_reported_order,
    null::varchar as date_occurred_order
        {%- for column in columns_read() %},
    null::varchar as {{ column }}
        {%- endfor %}
where false
    {% endfor %}
{% endmacro %}


{# The text columns that every file becomes. #}
{% macro columns_read() %}
    {{ return([
        'report_id', 'offense_id', 'date_reported', 'date_occurred', 'time_occurred', 'area_id',
        'small_area', 'crime_code', 'crime_class', 'nibrs_code', 'charge_group_code', 'arrest_type_code',
        'person_age', 'person_sex', 'person_descent', 'premise_code', 'weapon_code', 'lat', 'lon', 'location', 'row_kind',
        'row_state',
    ]) }}
{% endmacro %}


{# One scan of files that are written alike. #}
{% macro read_alike(files) %}
    {% set paths, names, keys = [], {}, {} %}
    {% for file in files %}
        {% do paths.append("'" ~ as_pattern(duckdb__quoted(file.path)) ~ "'") %}
        {% do names.update({file.path: file.file_name}) %}
        {% do keys.update({file.path: file.landing_key}) %}
    {% endfor %}
    {% set positions = range(files[0].header | length) %}
select
    {{ by_path(names) }} as file_name,
    {{ by_path(keys) }} as landing_key,
    '{{ files[0].date_orders.date_reported }}' as date_reported_order,
    '{{ files[0].date_orders.date_occurred }}' as date_occurred_order
    {%- for column in columns_read() %},
    {% if column not in files[0].columns -%}
        null::varchar
    {%- elif files[0].format == 'csv' -%}
        c{{ files[0].columns[column] }}
    {%- else -%}
        "{{ files[0].header[files[0].columns[column]] | replace('"', '""') }}"::varchar
    {%- endif %} as {{ column }}
    {%- endfor %}
    {% if files[0].format == 'csv' %}
from read_csv(
    [{{ paths | join(', ') }}],
    {# columns by position, so that no header can surprise the reader #}
    columns = { {%- for i in positions %}c{{ i }}: 'VARCHAR'{{ ', ' if not loop.last }}{% endfor -%} },
    header = true, auto_detect = false, delim = '{{ duckdb__quoted(files[0].delimiter) }}', skip = {{ files[0].skip }}, quote = '"', escape = '"',
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
{% endmacro %}


{# What belongs to the file that a row was read from; values: path -> text. #}
{% macro by_path(values) -%}
    {%- if values | length == 1 -%}
        '{{ duckdb__quoted(values.values() | first) }}'
    {%- else -%}
        case la_crime_file
            {%- for path, value in values.items() %}
            when '{{ duckdb__quoted(path) }}' then '{{ duckdb__quoted(value) }}'
            {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}


{#
    The files of a source, each with its landing_key: the hash of all that its staged rows hang on, which
    are its name and bytes, the SQL that reads it and the SQL that cleans what was read.
#}
{% macro files_to_land(source) %}
    {% set found = [] %}
    {% set files = inspected_inputs()['files'] | selectattr('source', 'equalto', source) | list %}
    {% set rules = staging_rules(source) if files else '' %}
    {% for file in files %}
        {# without the folder, so that one which is moved is not read again #}
        {% set reading = read_alike([dict(file, path=file.path.split('/') | last, landing_key='')]) %}
        {% set parts = [file.file_name, file.sha256, reading, unreadable(), rules] %}
        {% do found.append(dict(file, landing_key=local_md5(parts | join('\n')))) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#
    What makes staged rows of what was read, as text: the staging model's own SQL, compiled (so with every
    macro and variable in it), and the hashes of the seeds that it reads. A seed that the reader does not
    name, too, is an error of dbt's.

    It is compiled as the reader's, where the model is not itself: `ref` is a name there, and a condition
    on what has landed is none of the rules. The day of the build is left out where it does no more than
    give the last of all reasons, which forget_changed_files() takes back in time; anywhere else it counts.
#}
{% macro staging_rules(source) %}
    {% set node = graph.nodes['model.' ~ project_name ~ '.stg_' ~ source] %}
    {% set apart = "{% set ref, where_not_landed, config = ''.join, ''.strip, ''.format %}" %}
    {% set words = render(apart ~ node.raw_code) | replace(adapter.quote(this.database) ~ '.', '') %}
    {% set rules = [words.split() | join(' ')] %}
    {% if not var('as_of_date') %}
        {% set last_reason = " when date_occurred > " ~ as_of_date() ~ " then '" ~ in_the_future() ~ "' end as reject_reason" %}
        {% set rules = [rules[0] | replace(last_reason, ' in the future')] %}
    {% endif %}
    {% for id in node.depends_on.nodes | sort %}
        {% if id.startswith('seed.') %}
            {% do rules.append(id ~ ' ' ~ graph.nodes[id].checksum.checksum) %}
        {% elif not id.endswith('.raw_' ~ source) %}
            {% do exceptions.raise_compiler_error(
                node.name ~ ' reads ' ~ id ~ ': staging reads its raw model and seeds alone, for a change of'
                ~ ' anything else would leave its rows as they are'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(rules | join('\n')) }}
{% endmacro %}


{# How the reason begins to reject a row that cannot be split. #}
{% macro unreadable() %}{{ return('row cannot be read: ') }}{% endmacro %}


{# The landing keys whose rows the staging model of a source has; on Spark, those that it had in the last build. #}
{% macro landed_keys(source) %}
    {% if not execute or flags.FULL_REFRESH %}{{ return([]) }}{% endif %}
    {% set schema = 'staging' if target.type == 'duckdb' else 'staged_before' %}
    {% set staged = adapter.get_relation(this.database, schema, 'stg_' ~ source) %}
    {% if not staged %}{{ return([]) }}{% endif %}
    {{ return(run_query('select distinct landing_key from ' ~ staged).columns[0].values() | list) }}
{% endmacro %}


{#
    Keeps a staging model from taking in a file twice: the view that it reads may be of an earlier build,
    as where a selection leaves that out.
#}
{% macro where_not_landed() -%}
    {{ return(adapter.dispatch('where_not_landed')()) }}
{%- endmacro %}

{% macro duckdb__where_not_landed() -%}
    {#- a unit test has no relation of its own -#}
    {%- if this and is_incremental() %}
    where landing_key not in (select landed.landing_key from {{ this }} as landed)
    {%- endif %}
{%- endmacro %}


{#
    A pre-hook for a staging model: forgets the rows of files that were changed or removed, and lets
    those in that were in the future when they were read and are no longer.
#}
{% macro forget_changed_files(source) %}
    {% if execute and is_incremental() %}
        {% set current = [] %}
        {% for file in files_to_land(source) %}
            {% do current.append("'" ~ file.landing_key ~ "'") %}
        {% endfor %}
delete from {{ this }} where landing_key not in ({{ current | join(', ') or "''" }});
update {{ this }} set reject_reason = null
where reject_reason = '{{ in_the_future() }}' and date_occurred <= {{ as_of_date() }}
    {% else %}
select 1
    {% endif %}
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
        {% set files = [] %}
        {% for file in files_to_land(source) %}
            {% do files.append("('" ~ [quoted(file.path), quoted(file.file_name), file.landing_key] | join("', '") ~ "')") %}
        {% endfor %}
insert into {{ this }} (file_name, landing_key, reject_reason)
select
    min(files.file_name) as file_name,
    min(files.landing_key) as landing_key,
    '{{ unreadable() }}' || lower(min(rejected.error_type::varchar)) as reject_reason
from temp.unreadable_rows as rejected
inner join temp.unreadable_scans as scans using (scan_id, file_id)
inner join (values {{ files | join(', ') }}) as files (path, file_name, landing_key) on scans.file_path = files.path
{# those of a file that was read before, too, are there already: see where_not_landed() #}
where
    files.landing_key not in (
        select landed.landing_key from {{ this }} as landed where landed.reject_reason like '{{ unreadable() }}%'
    )
group by scans.file_path, rejected.file_id, rejected.line_byte_position
    {% else %}
select 1
    {% endif %}
{% endmacro %}
