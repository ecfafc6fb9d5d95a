{{ report_copies(ref('stg_arrests'), [
    'hour_occurred', 'area_id', 'small_area', 'charge_group_code', 'arrest_type_code',
    'arrestee_age', 'arrestee_sex_code', 'arrestee_descent_code', 'arrestee_age_code', 'lat', 'lon',
]) }}
