{%- set months = range(1, 13) -%}
-- what noise is measured from: the years of each place on the boundary layer by month, in all and by group;
-- of a place whose ground changed within them nothing, for that is no noise
with first_month as (

    select min(month) as first_day from {{ ref('int_monthly_counts') }}

),

places as (

    select
        places.scope,
        places.place_id
    from {{ ref('int_places') }} as places
    cross join first_month
    where places.is_on_boundary_layer and coalesce(places.ground_since <= first_month.first_day, true)

),

by_month as (

    {% for scope, place in {'area': 'area_id', 'district': 'small_area'}.items() %}
        select
            '{{ scope }}' as scope,
            cast({{ place }} as varchar) as place_id,
            source,
            record_system,
            category,
            month,
            incidents
        from {{ ref('int_monthly_counts') }}
        where incidents > 0

        union all
    {% endfor %}

    select
        scope,
        place_id,
        source,
        record_system,
        category,
        month,
        incidents
    from {{ ref('int_layer_counts') }}
    where incidents > 0

),

-- a row a year: a sixth of the rows of one a month
by_year as (

    select
        scope,
        place_id,
        source,
        coalesce(record_system, 'any') as record_system,
        category,
        {% for m in months %}
            sum(case when extract(month from month) = {{ m }} then incidents else 0 end) as n_{{ m }},
        {% endfor %}
        cast(extract(year from month) as integer) as year
    from by_month
    group by scope, place_id, source, record_system, category, year

)

select
    by_year.scope,
    by_year.place_id,
    by_year.source,
    by_year.record_system,
    categories.category,
    {% for m in months %}
        cast(sum(by_year.n_{{ m }}) as integer) as n_{{ m }},
    {% endfor %}
    by_year.year
from by_year
inner join places on by_year.scope = places.scope and by_year.place_id = places.place_id
inner join {{ ref('int_counted_categories') }} as categories
    on by_year.source = categories.source and by_year.category = categories.member
group by all
order by
    by_year.scope,
    by_year.source,
    by_year.record_system,
    categories.category,
    by_year.place_id,
    by_year.year
