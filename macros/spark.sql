{# What macros of the other files are on Apache Spark: `x` is here as `spark__x`. See docs/scale.md. #}

{# A view that la_crime/warehouse/spark.py makes of it. #}
{% macro spark__inspection() %}
    {{ return('select answer from inspected_inputs') }}
{% endmacro %}


{% macro spark__quoted(text) %}{{ return(text | replace('\\', '\\\\') | replace("'", "\\'")) }}{% endmacro %}


{#
    On Spark, too, DuckDB reads the files, a task each (la_crime/warehouse/spark_files.py): what counts as a row,
    and why one cannot be read, is the same. A row that could not be has its fault in `unreadable` alone.
#}
{% macro spark__read_files(source) %}
    {% do ref('areas') %}
    {% do ref('crime_codes') %}
    {% if execute %}
        {% set scans = [] %}
        {% set landed = landed_keys(source) %}
        {% for file in files_to_land(source) if file.landing_key not in landed %}
            {% do scans.append({
                'rows': read_alike([file]), 'file_name': file.file_name, 'landing_key': file.landing_key
            }) %}
        {% endfor %}
        {% do run_query(
            "create or replace temporary view files_" ~ source ~ " using la_crime_files options ("
            ~ "columns '" ~ columns_read() | join(' ') ~ "', scans '" ~ quoted(tojson(scans)) ~ "')"
        ) %}
    {% endif %}
select * from files_{{ source }}
{% endmacro %}


{# What could not be read is added by a post-hook, as on DuckDB. #}
{% macro spark__where_not_landed() -%}
    where unreadable is null
{%- endmacro %}


{#
    A staging table is of one build alone, and takes over the rows of files that the last build staged:
    files that were changed or removed are left behind, and what lay in the future may no longer.
#}
{% macro spark__add_unreadable_rows(source) %}
    {% set landed, current = landed_keys(source), [] %}
    {% for file in files_to_land(source) if file.landing_key in landed %}
        {% do current.append("'" ~ file.landing_key ~ "'") %}
    {% endfor %}
    {% if current %}
        {% do run_query(
            "insert into " ~ this ~ " by name select " ~ all_but(['reject_reason'])
            ~ ", case when reject_reason = '" ~ in_the_future() ~ "' and date_occurred <= " ~ as_of_date()
            ~ " then null else reject_reason end as reject_reason"
            ~ " from staged_before.stg_" ~ source ~ " where landing_key in (" ~ current | join(', ') ~ ")"
        ) %}
    {% endif %}
insert into {{ this }} (file_name, landing_key, reject_reason)
select
    file_name,
    landing_key,
    '{{ unreadable() }}' || unreadable as reject_reason
from {{ ref('raw_' ~ source) }}
where unreadable is not null
{% endmacro %}


{% macro spark__to_number(text, type) -%}
    {%- set plain = "^\\s*([+-]?[0-9]+(?:_[0-9]+)*)([.]0)?\\s*\\z" -%}
    {%- set grouped = "^\\s*(-?[0-9]+|-?[0-9]{1,3}([,.\\x27 \\xA0][0-9]{3})+)([.]0*)?\\s*\\z" -%}
    coalesce(
        try_cast(replace(regexp_extract({{ text }}, r'{{ plain }}', 1), '_', '') as {{ type }}),
        {%- if type == 'integer' %}
        try_cast(round({{ to_double("regexp_extract(" ~ text ~ ", r'^[^.]*[eE][^.]*$', 0)") }}) as integer),
        {%- endif %}
        try_cast(regexp_replace(regexp_extract({{ text }}, r'{{ grouped }}', 1), '[^0-9-]', '') as {{ type }})
    )
{%- endmacro %}


{% macro spark__to_double(text) -%}
    {# Java's own reading takes `34.05d` and `0x1p3`, too #}
    {%- set number = "^\\s*([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?)\\s*\\z" -%}
    try_cast(regexp_extract({{ text }}, r'{{ number }}', 1) as double)
{%- endmacro %}


{% macro spark__trimmed(text) -%}
    regexp_replace({{ text }}, r'^\p{Zs}+|\p{Zs}+\z', '')
{%- endmacro %}


{% macro spark__to_hhmm(text) -%}
    {%- set clock = "^\\s*(?:[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[ T])?([0-9]{1,2})[:hH]([0-9]{2})(?:[:.][0-9]{2}(?:[.][0-9]+)?)?\\s*(?:([AaPp])[.]?[Mm][.]?)?\\s*\\z" -%}
    {%- set hour = "try_cast(regexp_extract(" ~ text ~ ", r'" ~ clock ~ "', 1) as integer)" -%}
    {%- set minute = "try_cast(regexp_extract(" ~ text ~ ", r'" ~ clock ~ "', 2) as integer)" -%}
    {%- set half = "upper(regexp_extract(" ~ text ~ ", r'" ~ clock ~ "', 3))" -%}
    {%- set minutes_passed = "cast(round(" ~ to_double(text) ~ " * 1440) as integer) % 1440" -%}
    case
        when {{ text }} rlike r'^\s*([0-9]{1,4}([.]0*)?|[12][,.][0-9]{3})\s*\z'
            then case {{ to_number(text) }} when 2400 then 0 else {{ to_number(text) }} end
        when {{ text }} rlike r'^\s*0?[.][0-9]+\s*\z'
            then ({{ minutes_passed }}) div 60 * 100 + ({{ minutes_passed }}) % 60
        when {{ half }} = '' and {{ hour }} <= 24
            then {{ hour }} % 24 * 100 + {{ minute }}
        when {{ hour }} <= 12
            then ({{ hour }} % 12 + case {{ half }} when 'P' then 12 else 0 end) * 100 + {{ minute }}
    end
{%- endmacro %}


{% macro spark__to_date(text, order) -%}
    {%- set inputs = inspected_inputs() -%}
    transform(
        array({{ spark_tokens(text) }}),
        tokens -> case
            {%- for form in inputs.date_forms %}
            when tokens rlike r'^(?:{{ form.shape }})\z' {{ in_order(form, order) }}
                then {{ spark_day_of('tokens', form.strptime) }}
            {%- endfor %}
        end
    )[0]
{%- endmacro %}


{# The three tokens of a date, between single spaces, for Spark. #}
{% macro spark_tokens(text) -%}
    regexp_replace({{ trimmed(text) }}, r'{{ inspected_inputs().date_tokens }}', '$1 $2 $3')
{%- endmacro %}


{# The day of such tokens for Spark, whose own formats are neither DuckDB's nor Python's; null if there is none. #}
{% macro spark_day_of(tokens, strptime) -%}
    {%- if strptime == 'serial' -%}
        date_add(date '1899-12-30', cast(floor({{ to_double(tokens) }}) as integer))
    {%- elif strptime == '%Y%m%d' -%}
        try_cast(regexp_replace({{ tokens }}, '(....)(..)(..)', '$1-$2-$3') as date)
    {%- else -%}
        {%- set found = {} -%}
        {%- for directive in strptime.split() -%}
            {%- do found.update({directive: "split(" ~ tokens ~ ", ' ')[" ~ loop.index0 ~ "]"}) -%}
        {%- endfor -%}
        try_cast(concat_ws(
            '-',
            {% if '%y' in found -%}
                case when {{ found['%y'] }} < '69' then '20' else '19' end || {{ found['%y'] }}
            {%- else -%}
                {{ found['%Y'] }}
            {%- endif %},
            {% if '%b' in found -%}
                coalesce(array_position(
                    split('jan feb mar apr may jun jul aug sep oct nov dec', ' '), lower({{ found['%b'] }})
                ), 0)
            {%- else -%}
                {{ found['%m'] }}
            {%- endif %},
            {{ found['%d'] }}
        ) as date)
    {%- endif -%}
{%- endmacro %}


{% macro spark__nth_number(text, n) -%}
    try_cast(try_element_at(regexp_extract_all({{ text }}, '-?[0-9]+([.][0-9]+)?', 0), {{ n }}) as double)
{%- endmacro %}


{% macro spark__each_number(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}


{% macro spark__weekday(day) -%}
    date_format({{ day }}, 'EEEE')
{%- endmacro %}


{% macro spark__is_in_another_order(text) -%}
    {%- set inputs = inspected_inputs() -%}
    coalesce(reject_reason = 'no usable occurrence date' and transform(
        array({{ spark_tokens(text) }}),
        tokens -> false
            {%- for form in inputs.date_forms if form.date_order %}
            or (tokens rlike r'^(?:{{ form.shape }})\z' and {{ spark_day_of('tokens', form.strptime) }} is not null)
            {%- endfor %}
    )[0], false)
{%- endmacro %}


{% macro spark__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} div {{ divisor }} as integer)
{%- endmacro %}


{% macro spark__days_between(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}


{% macro spark__all_but(columns) -%}
    * except ({{ columns | join(', ') }})
{%- endmacro %}


{# Spark rounds what a double is written as: 0.145, which is a little less, to 0.15. #}
{% macro spark__rounded(fraction, decimals) -%}
    round(({{ fraction }}) * {{ 10 ** decimals }}D) / {{ 10 ** decimals }}D
{%- endmacro %}


{% macro spark__listed(text, by, condition) -%}
    listagg({{ text }}, ', ') within group (order by {{ by }}) filter (where {{ condition }})
{%- endmacro %}


{# A seed's rows for Spark: dbt-spark's own macro makes 'None' of a blank cell, and breaks on an apostrophe. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set names, types, rows = agate_table.column_names, model.config.get('column_types', {}), [] %}
    {% for row in agate_table.rows %}
        {% set cells = [] %}
        {% for cell in row %}
            {% do cells.append('null' if cell is none else "'" ~ quoted(cell | string) ~ "'") %}
        {% endfor %}
        {% do rows.append('(' ~ cells | join(', ') ~ ')') %}
    {% endfor %}
    {% set sql %}
insert into {{ this }}
select
        {%- for name in names %}
    cast(`{{ name }}` as {{ types.get(name, 'string') }}){{ ',' if not loop.last }}
        {%- endfor %}
from values
{{ rows | join(',\n') }}
as seed (`{{ names | join('`, `') }}`)
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}


{% macro spark__uniform_of(text) -%}
    {#- the third four of the digest's bytes, the last of them first -#}
    ((cast(conv(
        regexp_replace(substr(md5({{ text }}), 17, 8), '(..)(..)(..)(..)', '$4$3$2$1'), 16, 10
    ) as bigint) + 0.5D) / 4294967296D)
{%- endmacro %}
