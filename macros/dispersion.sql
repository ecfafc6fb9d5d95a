{#
    Variance over mean of a count under measured noise, as SQL: what `CountNoise.dispersion` is in
    Python (la_crime/stats/noise.py). 1 is Poisson; null where there is no noise.

    mean: the count; months: how many months it sums; noise: a relation with a, power, correlation.
#}
{% macro dispersion_of(mean, months, noise) -%}
    (
        (1 + {{ noise }}.a * power({{ mean }} / ({{ months }}), {{ noise }}.power))
        * (1 + 2 * {{ noise }}.correlation * (1 - 1 / ({{ months }})))
    )
{%- endmacro %}
