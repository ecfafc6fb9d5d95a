with files as (

    select
        file_name,
        string_split(columns_read, ', ') as columns_read
    from {{ ref('data_files') }}

),

incidents as (

    select
        'crimes' as source_name,
        victim_age_band as age_band,
        victim_sex as sex,
        victim_descent as descent,
        *
    from {{ ref('int_crimes') }}

    union all by name

    select
        'arrests' as source_name,
        arrestee_age_band as age_band,
        arrestee_sex as sex,
        arrestee_descent as descent,
        *
    from {{ ref('int_arrests') }}

),

-- a source without a file has a row too, so that its rules stand there
by_file as (

    select
        sources.source_name,
        sources.person,
        incidents.file_name,
        count(incidents.file_name) as n_all,
        count(*) filter (where incidents.is_default_time) as n_default_time,
        count(*) filter (where incidents.is_default_date) as n_default_date,
        count(*) filter (where incidents.is_reported_late) as n_late,
        count(*) filter (where not incidents.is_on_boundary_layer) as n_off_map,
        count(*) filter (where incidents.hour_band = 'unknown') as n_without_time,
        count(*) filter (where not incidents.has_coordinates) as n_without_coordinates,
        -- over the closed years, like profiles: a count that grows by the day tells of the day's persons
        count(years.year) as n_closed,
        count(years.year) filter (where incidents.age_band = 'unknown') as n_without_age,
        count(years.year) filter (where incidents.sex = 'unknown') as n_without_sex,
        count(years.year) filter (where incidents.descent = 'unknown') as n_without_descent
    from (values ('crimes', 'victim'), ('arrests', 'arrestee')) as sources (source_name, person)
    left join incidents on sources.source_name = incidents.source_name
    left join {{ ref('int_closed_years') }} as years
        on
            incidents.source_name = years.source
            and extract(year from incidents.date_occurred) = years.year
            and incidents.date_reported <= years.reported_by
    group by sources.source_name, sources.person, incidents.file_name

),

-- each rule with the column without which a file says nothing of it
by_rule as (

    select
        by_file.source_name,
        by_file.file_name,
        rules.*
    from by_file
    cross join lateral (
        values
        ('default time (00:01 or 12:00)', 'time_occurred', by_file.n_default_time, by_file.n_all),
        ('default date (first of a month)', 'date_occurred', by_file.n_default_date, by_file.n_all),
        ('reported over a year later', 'date_reported', by_file.n_late, by_file.n_all),
        ('district not on the boundary layer', 'reporting_district', by_file.n_off_map, by_file.n_all),
        ('time unknown', 'time_occurred', by_file.n_without_time, by_file.n_all),
        ('coordinates unknown', 'coordinates', by_file.n_without_coordinates, by_file.n_all),
        (by_file.person || ' age unknown', 'person_age', by_file.n_without_age, by_file.n_closed),
        (by_file.person || ' sex unknown', 'person_sex', by_file.n_without_sex, by_file.n_closed),
        (by_file.person || ' descent unknown', 'person_descent', by_file.n_without_descent, by_file.n_closed)
    ) as rules (rule, column_name, n, n_kept)

),

final as (

    select
        by_rule.*,
        coalesce(list_contains(files.columns_read, by_rule.column_name), false) as has_column
    from by_rule
    left join files on by_rule.file_name = files.file_name

)

select
    source_name,
    rule,
    cast(sum(case when has_column then n else 0 end) as bigint) as rows,
    cast(sum(case when has_column then n_kept else 0 end) as bigint) as rows_kept,
    cast(sum(case when has_column then 0 else n_kept end) as bigint) as rows_without_column
from final
group by source_name, rule
order by source_name, rule
