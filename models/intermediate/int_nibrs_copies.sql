{{ report_copies(ref('stg_nibrs_offenses'), [
    'date_occurred', 'hour_occurred', 'area_id', 'small_area', 'nibrs_code', 'premise_code',
    'weapon_code', 'report_id', 'lat', 'lon',
], key='offense_id') }}
