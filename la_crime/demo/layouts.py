"""The layouts of the published files, and how drawn rows become their text."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from la_crime.demo import shares
from la_crime.demo.city import City
from la_crime.demo.draws import modus_operandi, nibrs_table

# Rows with `style` below this look re-saved by a spreadsheet: zeros lost, codes as decimals.
RESAVED_BELOW = 3
# Rows with `style` below this have `MM/DD/YYYY HH:MM`, the others what the portal writes today.
SHORT_DATE_BELOW = 42


@dataclass(frozen=True)
class FileLayout:
    """A file to write.

    holds: SQL over `occurred_on`, `reported_on` (dates), true for the rows that the extract has.
    also_later: the same, true for the rows that a later extract (or NIBRS: the table `moved`) has
        too, whose copy wins.
    columns: SQL select list over the source's text.
    faults_year: the year in which the rows to be rejected are drawn.
    """

    name: str
    source: str  # key of INCIDENT_TEXT
    holds: str
    also_later: str
    columns: str
    options: str
    faults_year: int

    @property
    def path(self) -> str:
        """Path within the data folder."""
        return f"{self.source}/{self.name}"


MACROS = f"""
create macro is_resaved(style) as style < {RESAVED_BELOW};
create macro digits(number, width, style) as
    case when is_resaved(style) then number::varchar else lpad(number::varchar, width, '0') end;
create macro code_text(number, style) as
    number::varchar || case when is_resaved(style) then '.0' else '' end;
create macro letter(char_code) as case when char_code > 0 then chr(char_code::integer) end;
create macro unless_faulty(value, fault, kind, row_id, word) as
    case when fault <> kind then value when row_id % 2 = 0 then word end;
create macro epoch_date(day) as date '1970-01-01' + day::integer;
create macro portal_date(day, style) as
    case
        when is_resaved(style) then strftime(day, '%-m/%-d/%Y 0:00')
        when style < {SHORT_DATE_BELOW} then strftime(day, '%m/%d/%Y 00:00')
        else strftime(day, '%Y %b %d 12:00:00 AM')
    end;
create macro iso_date(day, style) as strftime(day, '%Y-%m-%dT00:00:00.000');
create macro shown_area(area, fault, row_id) as
    case when fault <> 5 then area when row_id % 3 = 1 then 0 when row_id % 3 = 2 then 99 end;
create macro shown_lat(lat, coordinate_fault) as
    case coordinate_fault when 1 then 0 when 2 then round(lat + 0.6, 4) else lat end;
create macro shown_lon(lon, coordinate_fault) as
    case coordinate_fault when 1 then 0 else lon end;
"""

# Where an incident was, for every source: of a row without a usable area nothing may tell it.
WHERE = """
    shown_area(area, fault, row_id) as area_id,
    case when fault <> 5 then areas.area_name end as area_name,
    case when fault <> 5 then small_area end as district_code
"""
POINT = """
    shown_lat(lat, coordinate_fault) as latitude,
    shown_lon(lon, coordinate_fault) as longitude
"""

# Codes joined to their descriptions, with the faults of draws.FAULTS that are text: of a row in the
# future the report is blank.
# Files are in the order of `first_seen`.
CRIME_TEXT = f"""
select
    crimes.*,
    reported as first_seen,
    epoch_date(occurred) as occurred_on,
    case when fault <> 3 then epoch_date(reported) end as reported_on,
    {WHERE},
    nullif(crimes.code, 0) as crime_code,
    codes.description as crime_description,
    codes.part,
    nullif(earlier_code, 0) as earlier_crime_code,
    earlier_codes.description as earlier_crime_description,
    nullif(code_2, 0) as crime_code_2,
    mo.mocodes,
    premises.description as premise_description,
    nullif(weapon, 0) as weapon_code,
    weapons.description as weapon_description,
    statuses.status_code,
    statuses.description as status_description,
    earlier_statuses.status_code as earlier_status_code,
    earlier_statuses.description as earlier_status_description,
    blocks.address,
    blocks.cross_street,
    {POINT}
from crimes
left join areas on crimes.area = areas.area_id
left join codes on crimes.code = codes.crime_code
left join codes as earlier_codes on crimes.earlier_code = earlier_codes.crime_code
left join mo on crimes.mo = mo.mo
left join premises on crimes.premise = premises.code
left join weapons on crimes.weapon = weapons.code
left join statuses on crimes.status = statuses.code
left join statuses as earlier_statuses on crimes.earlier_status = earlier_statuses.code
left join blocks on crimes.district = blocks.district and crimes.block = blocks.block
"""

ARREST_TEXT = f"""
select
    arrests.*,
    occurred as first_seen,
    epoch_date(occurred) as occurred_on,
    epoch_date(booked) as booked_on,
    {WHERE},
    nullif(charge_group, 0) as group_code,
    charge_groups.description as group_description,
    charges.charge as charge_code,
    charges.description as charge_description,
    dispositions.description as disposition_description,
    jails.description as jail_description,
    blocks.address,
    blocks.cross_street,
    {POINT}
from arrests
left join areas on arrests.area = areas.area_id
left join charge_groups on nullif(arrests.charge_group, 0) = charge_groups.charge_group_code
left join charges on arrests.charge = charges.code
left join dispositions on arrests.disposition = dispositions.code
left join jails on arrests.jail = jails.code
left join blocks on arrests.district = blocks.district and arrests.block = blocks.block
"""

NIBRS_TEXT = f"""
select
    nibrs_offenses.*,
    reported as first_seen,
    epoch_date(occurred) as occurred_on,
    case when fault <> 3 then epoch_date(reported) end as reported_on,
    {WHERE},
    unless_faulty(lpad(report_id::varchar, 9, '0'), fault, 1, row_id, 'UNKNOWN') as case_number,
    nibrs_codes.nibrs_code,
    nibrs_codes.description as nibrs_description,
    nibrs_codes.crime_against,
    premises.description as premise_description,
    nullif(weapon, 0) as weapon_code,
    weapons.description as weapon_description,
    statuses.status_code,
    statuses.description as status_description,
    blocks.address,
    {POINT}
from nibrs_offenses
left join areas on nibrs_offenses.area = areas.area_id
left join nibrs_codes on nibrs_offenses.code = nibrs_codes.code
left join premises on nibrs_offenses.premise = premises.code
left join weapons on nibrs_offenses.weapon = weapons.code
left join statuses on nibrs_offenses.status = statuses.code
left join blocks
    on nibrs_offenses.district = blocks.district and nibrs_offenses.block = blocks.block
"""

INCIDENT_TEXT = {"crimes": CRIME_TEXT, "arrests": ARREST_TEXT, "nibrs_offenses": NIBRS_TEXT}

CRIMES_26 = """
    unless_faulty(
        case when report_id < 10000 then lpad(report_id::varchar, 4, '0')
        else lpad(report_id::varchar, 9, '0') end, fault, 1, row_id, 'UNKNOWN') as "DR Number",
    strftime(reported_on, '%m/%d/%Y') as "Date Reported",
    unless_faulty(strftime(occurred_on, '%m/%d/%Y'), fault, 2, row_id, 'N/A') as "Date Occurred",
    digits(time, 4, style) as "Time Occurred",
    digits(area_id, 2, style) as "Area ID",
    area_name as "Area Name",
    digits(district_code, 4, style) as "Reporting District",
    earlier_crime_code as "Crime Code",
    earlier_crime_description as "Crime Code Description",
    mocodes as "MO Codes",
    age as "Victim Age",
    letter(sex) as "Victim Sex",
    letter(descent) as "Victim Descent",
    code_text(premise, style) as "Premise Code",
    premise_description as "Premise Description",
    code_text(weapon_code, style) as "Weapon Used Code",
    weapon_description as "Weapon Description",
    earlier_status_code as "Status Code",
    earlier_status_description as "Status Description",
    code_text(earlier_crime_code, style) as "Crime Code 1",
    code_text(crime_code_2, style) as "Crime Code 2",
    null as "Crime Code 3",
    null as "Crime Code 4",
    address as "Address",
    cross_street as "Cross Street",
    case when style between 50 and 54
        then '(    ' || format('{:.4f}', latitude) || ',  ' || format('{:.4f}', longitude) || ')'
    else '(' || latitude || ', ' || longitude || ')' end as "Location "
"""

# The portal's 28 columns in order: name, API's name, SQL; {day} is the layout's date macro.
PORTAL_28 = (
    ("DR_NO", "dr_no", "unless_faulty(report_id::varchar, fault, 1, row_id, 'UNKNOWN')"),
    ("Date Rptd", "date_rptd", "{day}(reported_on, style)"),
    ("DATE OCC", "date_occ", "unless_faulty({day}(occurred_on, style), fault, 2, row_id, 'N/A')"),
    ("TIME OCC", "time_occ", "digits(time, 4, style)"),
    ("AREA ", "area", "digits(area_id, 2, style)"),
    ("AREA NAME", "area_name", "area_name"),
    ("Rpt Dist No", "rpt_dist_no", "digits(district_code, 4, style)"),
    ("Part 1-2", "part_1_2", "part::varchar"),
    ("Crm Cd", "crm_cd", "crime_code::varchar"),
    ("Crm Cd Desc", "crm_cd_desc", "crime_description"),
    ("Mocodes", "mocodes", "mocodes"),
    ("Vict Age", "vict_age", "code_text(age, style)"),
    ("Vict Sex", "vict_sex", "letter(sex)"),
    ("Vict Descent", "vict_descent", "letter(descent)"),
    ("Premis Cd", "premis_cd", "code_text(premise, style)"),
    ("Premis Desc", "premis_desc", "premise_description"),
    ("Weapon Used Cd", "weapon_used_cd", "code_text(weapon_code, style)"),
    ("Weapon Desc", "weapon_desc", "weapon_description"),
    ("Status", "status", "status_code"),
    ("Status Desc", "status_desc", "status_description"),
    ("Crm Cd 1", "crm_cd_1", "code_text(crime_code, style)"),
    ("Crm Cd 2", "crm_cd_2", "code_text(crime_code_2, style)"),
    ("Crm Cd 3", "crm_cd_3", "null::varchar"),
    ("Crm Cd 4", "crm_cd_4", "null::varchar"),
    ("LOCATION", "location", "address"),
    ("Cross Street", "cross_street", "cross_street"),
    ("LAT", "lat", "latitude::varchar"),
    ("LON", "lon", "longitude::varchar"),
)
# Columns that people add before they share a file.
EXTRA_COLUMNS = ', year(occurred_on) as "year", weekofyear(occurred_on) as "weeknum"'

ARRESTS_17 = """
    unless_faulty(report_id::varchar, fault, 1, row_id, 'UNKNOWN') as "Report ID",
    unless_faulty(strftime(occurred_on, '%Y-%m-%d'), fault, 2, row_id, 'N/A') as "Arrest Date",
    time || '.0' as "Time",
    area_id as "Area ID",
    area_name as "Area Name",
    district_code as "Reporting District",
    age as "Age",
    letter(sex) as "Sex Code",
    letter(descent) as "Descent Code",
    group_code || '.0' as "Charge Group Code",
    group_description as "Charge Group Description",
    letter(arrest_type) as "Arrest Type Code",
    charge_code as "Charge",
    charge_description as "Charge Description",
    address as "Address",
    cross_street as "Cross Street",
    case when is_resaved(style)
        then '{''latitude'': ''' || latitude || ''', ''longitude'': ''' || longitude || '''}'
        else '(' || latitude || ', ' || longitude || ')' end as "Location"
"""

# The arrest columns since 2018: name, API's name, SQL. The API calls the address `location`, and
# has no point beside its coordinates.
ARRESTS_25 = (
    ("Report ID", "rpt_id", "unless_faulty(report_id::varchar, fault, 1, row_id, 'UNKNOWN')"),
    ("Report Type", "report_type", "case when is_booking then 'BOOKING' else 'RFC' end"),
    (
        "Arrest Date",
        "arst_date",
        "unless_faulty({day}(occurred_on, style), fault, 2, row_id, 'N/A')",
    ),
    ("Time", "time", "digits(time, 4, style)"),
    ("Area ID", "area", "area_id"),
    ("Area Name", "area_desc", "area_name"),
    ("Reporting District", "rd", "digits(district_code, 4, style)"),
    ("Age", "age", "age"),
    ("Sex Code", "sex_cd", "letter(sex)"),
    ("Descent Code", "descent_cd", "letter(descent)"),
    ("Charge Group Code", "grp_code", "code_text(group_code, style)"),
    ("Charge Group Description", "grp_description", "group_description"),
    ("Arrest Type Code", "arst_typ_cd", "letter(arrest_type)"),
    ("Charge", "charge", "charge_code"),
    ("Charge Description", "chrg_desc", "charge_description"),
    ("Disposition Description", "dispo_desc", "disposition_description"),
    ("Address", "location", "address"),
    ("Cross Street", "crsst", "cross_street"),
    ("LAT", "lat", "latitude"),
    ("LON", "lon", "longitude"),
    ("Location", None, "'POINT (' || longitude || ' ' || latitude || ')'"),
    ("Booking Date", "bkg_date", "case when is_booking then {day}(booked_on, style) end"),
    ("Booking Time", "bkg_time", "case when is_booking then digits(booking_time, 4, style) end"),
    ("Booking Location", "bkg_location", "case when is_booking then jail_description end"),
    ("Booking Location Code", "bkg_loc_cd", "case when is_booking then jail end"),
)

# The NIBRS feed is known by its API alone. The flags on the people of a case say nothing here.
NO_FLAG = "case when style % 10 = 0 then '' else 'No' end"
NIBRS_31 = tuple(
    (None, name, sql)
    for name, sql in (
        ("caseno", "case_number"),
        ("uniquenibrno", "case_number || nibrs_code || sequence"),
        ("date_rptd", "{day}(reported_on, style)"),
        ("date_occ", "unless_faulty({day}(occurred_on, style), fault, 2, row_id, 'N/A')"),
        ("time_occ", "digits(time, 4, style)"),
        ("area", "digits(area_id, 2, style)"),
        ("area_name", "area_name"),
        ("rpt_dist_no", "digits(district_code, 4, style)"),
        ("totaloffensecount", "offences::varchar"),
        ("group", "case when nibrs_code like '90%' then 'B' else 'A' end"),
        ("nibr_code", "nibrs_code"),
        ("nibr_description", "nibrs_description"),
        ("crime_against", "upper(crime_against[1]) || crime_against[2:]"),
        ("premis_cd", "code_text(premise, style)"),
        ("premis_desc", "premise_description"),
        ("status", "status_code"),
        ("status_desc", "status_description"),
        ("totalvictimcount", "case crime_against when 'society' then '0' else '1' end"),
        ("victim_shot", NO_FLAG),
        ("domestic_violence_crime", NO_FLAG),
        ("hate_crime", NO_FLAG),
        ("gang_related_crime", NO_FLAG),
        ("transit_related_crime", NO_FLAG),
        ("homeless_victim_crime", NO_FLAG),
        ("homeless_suspect_crime", NO_FLAG),
        ("homeless_arrestee_crime", NO_FLAG),
        ("weapon_used_cd", "code_text(weapon_code, style)"),
        ("weapon_desc", "weapon_description"),
        ("hndrdth_loc_chk", "address"),
        ("hndrdth_lat", "latitude::varchar"),
        ("hndrdth_lon", "longitude::varchar"),
    )
)

BYTE_ORDER_MARK = "\ufeff"


def portal_columns(columns: tuple, mark: str = "") -> str:
    """Select list of a layout under the portal's names; `mark` goes before the first name."""
    listed = [f'{sql.format(day="portal_date")} as "{name}"' for name, _, sql in columns]
    return ",\n".join(listed).replace('as "', f'as "{mark}', 1)


def api_columns(columns: tuple) -> str:
    """Select list of a layout under the API's names, with ISO timestamps."""
    return ",\n".join(
        f'{sql.format(day="iso_date")} as "{name}"' for _, name, sql in columns if name
    )


CSV = "format csv, header"
CSV_GZ = "format csv, header, compression gzip"
PARQUET = "format parquet, compression zstd"

# Extracts overlap as real ones do. The first of crimes stops with the reports of August 2014; the
# next begins with 2014, and has what was reported late of the years before.
FILE_LAYOUTS = (
    FileLayout(
        name="synthetic_crimes_26col_2010_2014.csv.gz",
        source="crimes",
        holds="occurred_on < '2014-07-01' and reported_on <= '2014-08-31'",
        also_later="occurred_on >= '2014-01-01'",
        columns=CRIMES_26,
        options=CSV_GZ,
        faults_year=2012,
    ),
    FileLayout(
        name="synthetic_crimes_28col_2014_2019.csv",
        source="crimes",
        holds="occurred_on < '2020-01-01'"
        " and (occurred_on >= '2014-01-01' or reported_on > '2014-08-31')",
        also_later="false",
        columns=portal_columns(PORTAL_28, BYTE_ORDER_MARK) + EXTRA_COLUMNS,
        options=CSV,
        faults_year=2017,
    ),
    FileLayout(
        name="synthetic_crimes_api_2020_2024.parquet",
        source="crimes",
        holds="occurred_on >= '2020-01-01'",
        also_later="report_id in (select report_id from moved)",
        columns=api_columns(PORTAL_28),
        options=PARQUET,
        faults_year=2022,
    ),
    FileLayout(
        name="synthetic_arrests_17col_2010_2018.csv",
        source="arrests",
        holds="occurred_on < '2019-01-01'",
        also_later="occurred_on >= '2018-07-01'",
        columns=ARRESTS_17,
        options=CSV,
        faults_year=2014,
    ),
    FileLayout(
        name="synthetic_arrests_25col_2018_2021.csv.gz",
        source="arrests",
        holds="occurred_on between '2018-07-01' and '2021-06-30'",
        also_later="false",
        columns=portal_columns(ARRESTS_25),
        options=CSV_GZ,
        faults_year=2020,
    ),
    FileLayout(
        name="synthetic_arrests_api_2021_2025.csv",
        source="arrests",
        holds="occurred_on > '2021-06-30'",
        also_later="false",
        columns=api_columns(ARRESTS_25),
        options=CSV,
        faults_year=2023,
    ),
    FileLayout(
        name="synthetic_nibrs_offenses_2024_2026.parquet",
        source="nibrs_offenses",
        holds="true",
        also_later="false",
        columns=api_columns(NIBRS_31),
        options=PARQUET,
        faults_year=2025,
    ),
)


def create_lookups(con: duckdb.DuckDBPyConnection, city: City, seed: int) -> None:
    """Create the macros and the small tables that turn codes into text."""
    con.execute(MACROS)
    charges = [
        (10 * group + position, charge, description)
        for group, shape in shares.CHARGE_SHAPES.items()
        for position, (charge, description) in enumerate(shape.charges)
    ]
    tables = {
        "areas": city.areas[["area_id", "area_name"]],
        "codes": city.crime_codes[["crime_code", "description", "part"]],
        "nibrs_codes": nibrs_table(city),
        "charge_groups": city.charge_groups[["charge_group_code", "description"]],
        "blocks": city.blocks,
        "mo": modus_operandi(seed),
        "premises": code_table(shares.PREMISES),
        "weapons": code_table(shares.WEAPONS),
        "jails": code_table(shares.JAILS),
        "dispositions": code_table(dict(enumerate(shares.DISPOSITIONS))),
        "statuses": pd.DataFrame(
            [(i, *status) for i, status in enumerate(shares.STATUSES.items())],
            columns=["code", "status_code", "description"],
        ),
        "charges": pd.DataFrame(charges, columns=["code", "charge", "description"]),
    }
    for name, frame in tables.items():
        con.register("frame", frame)
        con.execute(f'create table "{name}" as select * from frame')
    con.unregister("frame")


def code_table(descriptions: dict[int, str]) -> pd.DataFrame:
    """Codes and their descriptions as a frame."""
    return pd.DataFrame(descriptions.items(), columns=["code", "description"])
