"""What several tests share: the full headers of the published files, rows of our own, and dbt."""

import atexit
import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import duckdb
import pandas as pd

from la_crime import cities

PROJECT = Path(__file__).parents[2]
SEEDS = cities.Seeds()

# Noise of counts as the measures take it, for tests with Poisson counts that do not drift.
POISSON_NOISE = pd.DataFrame(
    {
        "scope": ["area", "district"],
        "source": "crimes",
        "a": 0.0,
        "power": 0.0,
        "correlation": 0.0,
        "drift": 0.0,
    }
)


def names(header: str) -> list[str]:
    """The column names in a header line."""
    return header.split(",")


CRIMES_28 = names(
    "DR_NO,Date Rptd,DATE OCC,TIME OCC,AREA,AREA NAME,Rpt Dist No,Part 1-2,Crm Cd,Crm Cd Desc,"
    "Mocodes,Vict Age,Vict Sex,Vict Descent,Premis Cd,Premis Desc,Weapon Used Cd,Weapon Desc,"
    "Status,Status Desc,Crm Cd 1,Crm Cd 2,Crm Cd 3,Crm Cd 4,LOCATION,Cross Street,LAT,LON"
)
CRIMES_28_SPACE = ["AREA " if name == "AREA" else name for name in CRIMES_28]
CRIMES_26 = names(
    "DR Number,Date Reported,Date Occurred,Time Occurred,Area ID,Area Name,Reporting District,"
    "Crime Code,Crime Code Description,MO Codes,Victim Age,Victim Sex,Victim Descent,Premise Code,"
    "Premise Description,Weapon Used Code,Weapon Description,Status Code,Status Description,"
    "Crime Code 1,Crime Code 2,Crime Code 3,Crime Code 4,Address,Cross Street,Location "
)
CRIMES_API = names(
    "dr_no,date_rptd,date_occ,time_occ,area,area_name,rpt_dist_no,part_1_2,crm_cd,crm_cd_desc,"
    "mocodes,vict_age,vict_sex,vict_descent,premis_cd,premis_desc,weapon_used_cd,weapon_desc,"
    "status,status_desc,crm_cd_1,crm_cd_2,crm_cd_3,crm_cd_4,location,cross_street,lat,lon"
)
ARRESTS_17 = names(
    "Report ID,Arrest Date,Time,Area ID,Area Name,Reporting District,Age,Sex Code,Descent Code,"
    "Charge Group Code,Charge Group Description,Arrest Type Code,Charge,Charge Description,"
    "Address,Cross Street,Location"
)
ARRESTS_25 = names(
    "Report ID,Report Type,Arrest Date,Time,Area ID,Area Name,Reporting District,Age,Sex Code,"
    "Descent Code,Charge Group Code,Charge Group Description,Arrest Type Code,Charge,"
    "Charge Description,Disposition Description,Address,Cross Street,LAT,LON,Location,"
    "Booking Date,Booking Time,Booking Location,Booking Location Code"
)
ARRESTS_API = names(
    "rpt_id,report_type,arst_date,time,area,area_desc,rd,age,sex_cd,descent_cd,grp_code,"
    "grp_description,arst_typ_cd,charge,chrg_desc,dispo_desc,location,crsst,lat,lon,bkg_date,"
    "bkg_time,bkg_location,bkg_loc_cd"
)

NIBRS_API = names(
    "caseno,uniquenibrno,date_rptd,date_occ,time_occ,area,area_name,rpt_dist_no,totaloffensecount,"
    "group,nibr_code,nibr_description,crime_against,premis_cd,premis_desc,status,status_desc,"
    "totalvictimcount,victim_shot,domestic_violence_crime,hate_crime,gang_related_crime,"
    "transit_related_crime,homeless_victim_crime,homeless_suspect_crime,homeless_arrestee_crime,"
    "weapon_used_cd,weapon_desc,hndrdth_loc_chk,hndrdth_lat,hndrdth_lon"
)


def seed_rows(name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    with (SEEDS / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def csv_text(
    header: list[str], rows: Iterable[list] = (), line_end: str = "\n", delimiter: str = ","
) -> str:
    """A CSV file as text; cells are quoted where they must be."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows([header, *rows])
    return text.getvalue()


def csv_bytes(header: list[str], rows: Iterable[list] = (), line_end: str = "\n") -> bytes:
    """A CSV file in UTF-8."""
    return csv_text(header, rows, line_end).encode()


XML = {
    "types": "http://schemas.openxmlformats.org/package/2006/content-types",
    "links": "http://schemas.openxmlformats.org/package/2006/relationships",
    "office": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "sheets": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
}


def workbook_bytes(sheets: dict[str, list[list]]) -> bytes:
    """An Excel workbook of texts and numbers, with no more in it than a reader needs."""
    names = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="r{i}"/>'
        for i, name in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="r{i}" Type="{XML["office"]}/worksheet" Target="worksheets/{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    sheet = f'<worksheet xmlns="{XML["sheets"]}"><sheetData>{{}}</sheetData></worksheet>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{XML["types"]}"/>',
        "_rels/.rels": f'<Relationships xmlns="{XML["links"]}"><Relationship Id="r" '
        f'Type="{XML["office"]}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{XML["sheets"]}" xmlns:r="{XML["office"]}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{XML["links"]}">{links}'
        "</Relationships>",
    }
    for i, rows in enumerate(sheets.values(), start=1):
        lines = ("<row>" + "".join(map(_cell, row)) + "</row>" for row in rows)
        parts[f"xl/worksheets/{i}.xml"] = sheet.format("".join(lines))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return buffer.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def put(path: Path, content: bytes) -> Path:
    """Write a file, gzipped if its name says so, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_gzip = path.name.lower().endswith(".gz")
    path.write_bytes(gzip.compress(content, mtime=0) if is_gzip else content)
    return path


def checksums(db: Path) -> dict[str, str]:
    """A checksum of every mart but `build_info`, which says when it was built."""
    with duckdb.connect(str(db), read_only=True) as con:
        tables = con.sql(
            "select table_name from information_schema.tables"
            " where table_schema = 'marts' and table_name != 'build_info' order by table_name"
        ).fetchall()
        return {
            name: hashlib.sha256(repr(con.table(f"marts.{name}").fetchall()).encode()).hexdigest()
            for (name,) in tables
        }


# Relations have the name of the warehouse's file in front, so a parsed project is of one name.
WAREHOUSE = "la_crime.duckdb"
DBT = str(Path(sys.executable).with_name("dbt"))
# What `dbt build` is told where a test asks for tables alone.
WITHOUT_TESTS = ("--resource-type", "seed", "--resource-type", "model")


@cache
def dbt_server() -> subprocess.Popen:
    """The process that runs dbt's commands for this one, and ends with it."""
    folder = tempfile.TemporaryDirectory()
    server = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("dbt_server.py"), folder.name],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "CITY": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(folder.cleanup)
    atexit.register(server.communicate)
    return server


def run_dbt(
    args: Iterable[str],
    data_dir: Path,
    db: Path,
    work: Path | None = None,
    project: Path = PROJECT,
    command: Sequence[str] = (),
) -> subprocess.CompletedProcess:
    """Run a dbt command of the project on a data folder; nothing is left but the warehouse.

    db: for one of another name than `WAREHOUSE` the project is parsed anew. work: a folder for
    what dbt keeps from one command to the next.
    project: a copy of the project, to run in its place. command: what to run in dbt's, as a
    process of its own; dbt itself is run by `dbt_server`, on what that has parsed if it is what is
    asked for.
    """
    with tempfile.TemporaryDirectory() as temporary:
        own = work or temporary
        words = [*args, "--no-use-colors", f"--target-path={own}/target", f"--log-path={own}/logs"]
        environment = {**os.environ, "LA_CRIME_DATA_DIR": str(data_dir), "LA_CRIME_DB": str(db)}
        if command:
            return subprocess.run(
                [*command, *words],
                cwd=project,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        is_other = (project, db.name) != (PROJECT, WAREHOUSE) or bool(os.environ.get("CITY"))
        parses = is_other or bool({"parse", "--vars"} & {*words})
        asked = {"words": words, "cwd": str(project), "environment": environment, "out": temporary}
        server = dbt_server()
        print(json.dumps({"parses": parses, **asked}), file=server.stdin, flush=True)
        code = int(server.stdout.readline())
        out, err = (Path(temporary, name).read_text() for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(words, code, out, err)
