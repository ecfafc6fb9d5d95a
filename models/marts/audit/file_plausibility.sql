{#- check -> the rows that are odd, and what of them may be shown: never a person's value -#}
{%- set checks = {
    'rows rejected': [
        'reject_reason is not null', "reject_reason || coalesce(': ' || nullif(" ~ trimmed('rejected_value') ~ ", ''), '')",
    ],
    'date in another order': [is_in_another_order('rejected_value'), 'rejected_value'],
    'report date unread': ["reject_reason is null and " ~ trimmed('unread_date_reported') ~ " != ''", 'unread_date_reported'],
    'time unknown': [
        'reject_reason is null and hour_occurred is null', "coalesce(nullif(" ~ trimmed('unread_time') ~ ", ''), 'blank')",
    ],
    'coordinates unknown': ['reject_reason is null and lat is null', 'null'],
    'age unknown': [
        'reject_reason is null and (person)_age is null and not coalesce((person)_age_code in (select codes.age_code'
        ~ ' from ' ~ ref('age_codes') ~ ' as codes), false)', 'null',
    ],
} -%}
{#- a row with nothing in it, and one that the city leaves out, say nothing of the file -#}
{%- set is_checked =
    "coalesce(reject_reason, '') != '" ~ blank_row() ~ "' and coalesce(reject_reason, '') not like '" ~ left_out() ~ "%'"
-%}
{%- set sources = {'crimes': 'victim', 'arrests': 'arrestee', 'nibrs_offenses': none} -%}

with staged_by_file as (

    {% for source in sources %}
        select
            '{{ source }}' as source_name,
            file_name,
            count(*) as n_read,
            count(*) filter (where reject_reason is null) as n_usable,
            {{ days_between('min(date_reported)', 'max(date_reported)') }} + 1 as days_spanned
        from {{ ref('stg_' ~ source) }}
        where {{ is_checked }}
        group by file_name

        {{ 'union all' if not loop.last }}
    {% endfor %}

),

codes as (

    select
        file_name,
        crime_code as code,
        count(*) as n,
        count(*) filter (where crime_group = 'unclassified') as n_unknown
    from {{ ref('int_crimes') }}
    where record_system = 'legacy'
    group by file_name, crime_code

    union all

    select
        file_name,
        nibrs_code as code,
        count(*) as n,
        count(*) filter (where crime_group = 'unclassified') as n_unknown
    from {{ ref('int_nibrs_offenses') }}
    group by file_name, nibrs_code

    union all

    -- the city's own files leave the charge group out in one row of fifteen: that is no unknown code
    select
        file_name,
        cast(charge_group_code as string) as code,
        count(*) as n,
        count(*) filter (where charge_group = 'unclassified') as n_unknown
    from {{ ref('int_arrests') }}
    where nullif(charge_group_code, 0) is not null
    group by file_name, charge_group_code

),

days as (

    {% for source in sources %}
        select
            file_name,
            date_occurred,
            count(*) as n
        from {{ ref('stg_' ~ source) }}
        where reject_reason is null
        group by file_name, date_occurred

        {{ 'union all' if not loop.last }}
    {% endfor %}

),

odd_values as (

    {% for source, person in sources.items() %}
        {% for check, (condition, value) in checks.items() if person or check != 'age unknown' %}
            select
                file_name,
                '{{ check }}' as check_name,
                {{ value }} as value_shown,
                count(*) as n
            from {{ ref('stg_' ~ source) }}
            where
                {{ condition | replace('(person)', person) }}
                and {{ is_checked }}
            group by file_name, value_shown

            union all
        {% endfor %}
    {% endfor %}

    select
        file_name,
        'code unclassified' as check_name,
        coalesce(code, 'blank') as value_shown,
        n_unknown as n
    from codes
    where n_unknown > 0

    union all

    select
        file_name,
        'on one day' as check_name,
        cast(max_by(date_occurred, (n, date_occurred)) as string) as value_shown,
        max(n) as n
    from days
    group by file_name

),

ranked as (

    select
        *,
        row_number() over (partition by file_name, check_name order by n desc, value_shown asc) as place
    from odd_values

),

odd as (

    select
        file_name,
        check_name,
        sum(n) as n_odd,
        {{ listed("value_shown || ' (' || n || ')'", by='place', condition='place <= 3') }} as examples
    from ranked
    group by file_name, check_name

),

coded as (

    select
        file_name,
        sum(n) as n_coded
    from codes
    group by file_name

),

counted as (

    select
        bounds.*,
        files.file_name,
        by_file.days_spanned,
        odd.examples,
        cast(coalesce(odd.n_odd, 0) as bigint) as n_odd,
        cast(coalesce(
            case bounds.counted_among
                when 'rows read' then by_file.n_read
                when 'usable rows' then by_file.n_usable
                else coded.n_coded
            end, 0
        ) as bigint) as n_checked
    from {{ ref('plausibility_bounds') }} as bounds
    inner join {{ ref('data_files') }} as files
        on
            bounds.source_name = files.source_name
            and contains(', ' || files.columns_read || ',', ', ' || bounds.needed_column || ',')
            -- the user knows that some dates are none in the order that they gave
            and not (bounds.check_name = 'date in another order' and files.is_date_order_given)
    left join staged_by_file as by_file on files.file_name = by_file.file_name
    left join coded on files.file_name = coded.file_name
    left join odd on files.file_name = odd.file_name and bounds.check_name = odd.check_name

),

bounded as (

    select
        *,
        -- chance makes a small file odd: three standard errors of a count, and a row; a file of few days has
        -- its part on each of them
        case
            when max_share = 0 then 0
            when check_name = 'on one day'
                then
                    max_share * n_checked
                    + 3 * sqrt(max_share * n_checked)
                    + 1
                    + 3 * n_checked / days_spanned
            else max_share * n_checked + 3 * sqrt(max_share * (1 - max_share) * n_checked) + 1
        end as rows_allowed,
        -- a file of which nothing counts is no small accident
        check_name = 'rows rejected' and n_odd > 0 and n_odd = n_checked as is_all_lost
    from counted

),

final as (

    select
        source_name,
        file_name,
        check_name,
        -- a count of unknown ages that grows by the day tells of the day's persons
        case when check_name != 'age unknown' then n_odd end as rows,
        n_checked as rows_checked,
        case
            when check_name != 'age unknown' then {{ rounded('n_odd / nullif(n_checked, 0)', 6) }}
        end as share,
        max_share,
        n_odd <= rows_allowed and not is_all_lost as is_plausible,
        examples,
        case
            when n_odd > rows_allowed or is_all_lost then
                file_name
                || ': '
                || check_name
                || ', '
                || n_odd
                || ' of '
                || n_checked
                || ' '
                || counted_among
                || coalesce(' (' || {{ rounded('100 * n_odd / nullif(n_checked, 0)', 1) }} || ' %)', '')
                || coalesce(', most often ' || examples, '') || '. ' || reason || ' ' || advice
        end as sentence
    from bounded

)

select * from final
order by source_name, file_name, check_name
