{{ report_copies(ref('stg_crimes'), [
    'date_occurred', 'hour_occurred', 'area_id', 'small_area', 'crime_code', 'premise_code',
    'weapon_code', 'victim_age', 'victim_sex_code', 'victim_descent_code', 'victim_age_code', 'lat', 'lon',
]) }}
