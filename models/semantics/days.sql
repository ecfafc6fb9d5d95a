with ends as (

    select
        min(start_date) as first_day,
        max(end_date) as last_day
    from {{ ref('int_periods') }}

),

final as (

    select first_day + cast({{ each_number(0, 'last_day - first_day') }} as integer) as date_day
    from ends

)

select * from final
order by date_day
