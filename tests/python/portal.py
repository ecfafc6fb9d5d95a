"""A stand-in for the city's servers: an open data portal and a server of boundaries.

It answers what Socrata and ArcGIS answer, as far as the project asks it, and says no to the rest.
Rows can be gained, changed and deleted, and any request can be made to go wrong.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import helpers
import pandas as pd

from la_crime import cities, demo
from la_crime.inputs.layouts import name_key, read_layouts
from la_crime.portal.datasets import published

ARRESTS_25_API = helpers.names(
    "rpt_id,report_type,arst_date,time,area,area_desc,rd,age,sex_cd,descent_cd,chrg_grp_cd,"
    "grp_description,arst_typ_cd,charge,chrg_desc,dispo_desc,location,crsst,lat,lon,location_1,"
    "bkg_date,bkg_time,bkg_location,bkg_loc_cd"
)
NIBRS = helpers.names(
    "caseno,uniquenibrno,date_rptd,date_occ,time_occ,area,area_name,rpt_dist_no,totaloffensecount,"
    "group,nibr_code,nibr_description,crime_against,premis_cd,premis_desc,status,status_desc,"
    "totalvictimcount,victim_shot,domestic_violence_crime,hate_crime,gang_related_crime,"
    "transit_related_crime,homeless_victim_crime,homeless_suspect_crime,homeless_arrestee_crime,"
    "weapon_used_cd,weapon_desc,hndrdth_loc_chk,hndrdth_lat,hndrdth_lon"
)
# what the portals of other cities have, by folder of the data
ELSEWHERE = {
    "chicago": {
        "crimes": helpers.names(
            "id,case_number,date,block,iucr,primary_type,description,location_description,arrest,"
            "domestic,beat,district,ward,community_area,fbi_code,x_coordinate,y_coordinate,year,"
            "updated_on,latitude,longitude,location,:@computed_region_x"
        ),
    },
    "new_york": {
        "crimes": helpers.names(
            "cmplnt_num,cmplnt_fr_dt,cmplnt_fr_tm,cmplnt_to_dt,cmplnt_to_tm,addr_pct_cd,rpt_dt,"
            "ky_cd,ofns_desc,pd_cd,pd_desc,crm_atpt_cptd_cd,law_cat_cd,boro_nm,loc_of_occur_desc,"
            "prem_typ_desc,juris_desc,jurisdiction_code,parks_nm,hadevelopt,housing_psa,x_coord_cd,"
            "y_coord_cd,susp_age_group,susp_race,susp_sex,transit_district,latitude,longitude,"
            "lat_lon,patrol_boro,station_name,vic_age_group,vic_race,vic_sex"
        ),
        "arrests": helpers.names(
            "arrest_key,arrest_date,pd_cd,pd_desc,ky_cd,ofns_desc,law_code,law_cat_cd,arrest_boro,"
            "arrest_precinct,jurisdiction_code,age_group,perp_sex,perp_race,x_coord_cd,y_coord_cd,"
            "latitude,longitude,lon_lat"
        ),
    },
}
IDS = {
    "crimes_2010_2019": "63jg-8b9z",
    "crimes_2020_2024": "2nrs-mtv8",
    "arrests_2010_2019": "yru6-6re4",
    "arrests_2020_present": "amvf-fr72",
    "nibrs_offenses": "k7nn-b2ep",
}
SERVICES = "/7nsPwEMP38bSkCjy/arcgis/rest/services"
DISTRICTS = f"{SERVICES}/LAPD_Reporting_District/FeatureServer/0/query"
DIVISIONS = f"{SERVICES}/LAPD_Division/FeatureServer/0/query"
COUNCILS = f"{SERVICES}/Council_Districts/FeatureServer/0/query"
NEIGHBOURHOODS = f"{SERVICES}/LA_Times_Neighborhoods/FeatureServer/0/query"
SHAPES_A_PAGE = 400
EPOCH = 1_790_000_000  # 2026-09-21, in seconds


@dataclass
class Dataset:
    """A table of the portal: fields (`fieldName` -> name shown) and rows by their number."""

    fields: dict[str, str]
    rows: dict[int, dict] = field(default_factory=dict)
    updated_at: dict[int, int] = field(default_factory=dict)
    rows_updated_at: int = EPOCH


def row_id(number: int) -> str:
    """The portal's id of a row, whose order as text is not the order of rows."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return f"row-{digest[:4]}.{digest[4:8]}~{number:x}"


def number_of(identifier: str) -> int:
    """The row that an id stands for."""
    return int(identifier.rsplit("~", 1)[1], 16)


def stamp(seconds: int) -> str:
    """A moment as the portal writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class FakePortal:
    """Both servers in one, on a port of its own, for as long as the `with` lasts.

    requests: (path, parameters, headers) of every request.
    """

    def __init__(self, tables: dict[str, tuple[dict, list[dict]]], shapes: dict[str, list]) -> None:
        self.ids = {table.name: table.id for table in published().tables}
        self.datasets = {self.ids[name]: Dataset(dict(table[0])) for name, table in tables.items()}
        self.clock = EPOCH
        for name, (_, rows) in tables.items():
            self.gain(name, rows, tick=False)
        self.shapes = dict(shapes)
        self.requests: list[tuple[str, dict, dict]] = []
        self.faults: list[list] = []
        self.delay = 0.0
        self.on_request: Callable[[str], None] = lambda _: None

    def __enter__(self) -> "FakePortal":
        handler = type("Handler", (Handler,), {"portal": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    # What the city does

    def tick(self, name: str) -> Dataset:
        """Let time pass; the dataset's rows change now."""
        self.clock += 60
        dataset = self.datasets[self.ids[name]]
        dataset.rows_updated_at = self.clock
        return dataset

    def gain(self, name: str, rows: list[dict], tick: bool = True) -> None:
        """Add rows."""
        dataset = self.tick(name) if tick else self.datasets[self.ids[name]]
        start = max(dataset.rows, default=0) + 1
        for number, row in enumerate(rows, start):
            dataset.rows[number] = row
            dataset.updated_at[number] = self.clock

    def change(self, name: str, every: int, **values: str) -> int:
        """Change each so-many-eth row; return how many."""
        dataset = self.tick(name)
        for number in list(dataset.rows)[::every]:
            dataset.rows[number] = dataset.rows[number] | values
            dataset.updated_at[number] = self.clock
        return len(list(dataset.rows)[::every])

    def delete(self, name: str, every: int) -> None:
        """Delete each so-many-eth row."""
        dataset = self.tick(name)
        for number in list(dataset.rows)[::every]:
            del dataset.rows[number], dataset.updated_at[number]

    def add_field(self, name: str, field_name: str, shown: str, value: str) -> None:
        """Give a dataset one more column."""
        dataset = self.tick(name)
        dataset.fields[field_name] = shown
        for number in dataset.rows:
            dataset.rows[number] = dataset.rows[number] | {field_name: value}

    def content(self, name: str) -> list[dict]:
        """Every row with its system fields, in order."""
        dataset = self.datasets[self.ids[name]]
        return [
            {"socrata_id": row_id(n), "socrata_updated_at": stamp(dataset.updated_at[n]), **row}
            for n, row in dataset.rows.items()
        ]

    def fail(
        self, fault: Callable[["Handler", bytes], None], at: str = "", times: int = 1, skip: int = 0
    ) -> None:
        """Let requests whose path has `at` go wrong, after `skip` of them, so many times."""
        self.faults.append([fault, at, times, skip])

    def fault_for(self, path: str) -> Callable | None:
        """What is to go wrong now, if anything."""
        for entry in self.faults:
            _, at, times, skip = entry
            if at in path and times:
                if skip:
                    entry[3] -= 1
                    continue
                entry[2] -= 1
                return entry[0]
        return None

    def paths(self, part: str) -> list[str]:
        """Paths that were asked for, of those that have a part."""
        return [path for path, _, _ in self.requests if part in path]

    def columns_asked(self) -> set[str]:
        """Every name that was ever in a `$select`."""
        lists = (params.get("$select", "") for _, params, _ in self.requests)
        return {name.strip("` ") for listed in lists for name in listed.split(",")} - {""}

    # What the servers answer: status, type, body

    def answer(self, path: str, params: dict) -> tuple[int, str, bytes]:
        """Answer as the city's servers do."""
        if path in self.shapes:
            return self.answer_shapes(self.shapes[path], params)
        found = re.fullmatch(r"/(api/views|resource)/([a-z0-9-]{9})\.(json|csv)", path)
        if not found or found[2] not in self.datasets:
            return 404, "application/json", b'{"error": true, "message": "Cannot find view"}'
        dataset = self.datasets[found[2]]
        if found[1] == "api/views":
            return self.answer_metadata(found[2], dataset)
        try:
            return self.answer_rows(dataset, params, found[3])
        except QueryError as error:
            return 400, "application/json", json.dumps({"message": str(error)}).encode()

    def answer_metadata(self, identifier: str, dataset: Dataset) -> tuple[int, str, bytes]:
        """The metadata of a dataset."""
        columns = [{"fieldName": f, "name": n} for f, n in dataset.fields.items()]
        about = {"id": identifier, "rowsUpdatedAt": dataset.rows_updated_at, "columns": columns}
        return 200, "application/json", json.dumps(about).encode()

    def answer_rows(self, dataset: Dataset, params: dict, form: str) -> tuple[int, str, bytes]:
        """Rows or a count."""
        numbers = matching(dataset, params.get("$where", ""))
        if params["$select"] == "count(*)":
            return 200, "application/json", json.dumps([{"count": str(len(numbers))}]).encode()
        order = params.get("$order")
        if order == ":updated_at DESC":
            numbers.sort(key=lambda n: -dataset.updated_at[n])
        elif order != ":id":
            raise QueryError(f"rows without a fixed order: {order}")
        asked = [selected(dataset, name) for name in params["$select"].split(",")]
        rows = []
        for number in numbers[: int(params.get("$limit", 1000))]:
            system = {":id": row_id(number), ":updated_at": stamp(dataset.updated_at[number])}
            whole = dataset.rows[number] | system
            rows.append({name: whole.get(name) for name in asked})
        if form == "json":
            return 200, "application/json", json.dumps(rows).encode()
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([asked, *(row.values() for row in rows)])
        return 200, "text/csv; charset=UTF-8", text.getvalue().encode()

    def answer_shapes(self, features: list, params: dict) -> tuple[int, str, bytes]:
        """A page of GeoJSON, or a count."""
        if params.get("returnCountOnly") == "true":
            return 200, "application/json", json.dumps({"count": len(features)}).encode()
        start = int(params.get("resultOffset", 0))
        page = features[start : start + SHAPES_A_PAGE]
        collection = {"type": "FeatureCollection", "features": page}
        if start + SHAPES_A_PAGE < len(features):
            collection["properties"] = {"exceededTransferLimit": True}
        return 200, "application/geo+json", json.dumps(collection).encode()


class QueryError(Exception):
    """A question that the portal does not understand."""


def selected(dataset: Dataset, name: str) -> str:
    """The column that a `$select` names."""
    if name == "group":
        raise QueryError("group is a word of the language; put it between backticks")
    name = name.strip("`")
    if name not in dataset.fields and name not in (":id", ":updated_at"):
        raise QueryError(f"No such column: {name}")
    return name


def matching(dataset: Dataset, where: str) -> list[int]:
    """Numbers of the rows that a `$where` selects."""
    numbers = list(dataset.rows)
    for condition in filter(None, where.split(" AND ")):
        found = re.fullmatch(r"(:id|:updated_at) (>|>=) '([^']+)'", condition)
        if not found:
            raise QueryError(f"not understood: {condition}")
        column, operator, value = found.groups()
        if column == ":id":
            numbers = [n for n in numbers if n > number_of(value)]
        elif operator == ">":
            numbers = [n for n in numbers if stamp(dataset.updated_at[n]) > value]
        else:
            numbers = [n for n in numbers if stamp(dataset.updated_at[n]) >= value]
    return numbers


class Handler(BaseHTTPRequestHandler):
    """Takes a request down, and answers it or lets it go wrong."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # a head and its body leave together
    portal: FakePortal

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        params = dict(parse_qsl(parts.query))
        self.portal.requests.append((parts.path, params, dict(self.headers)))
        self.portal.on_request(parts.path)
        time.sleep(self.portal.delay)
        status, kind, content = self.portal.answer(parts.path, params)
        fault = self.portal.fault_for(self.path)
        if fault:
            fault(self, content)
        else:
            self.give(status, content, {"Content-Type": kind})

    def give(self, status: int, content: bytes, headers: dict | None = None) -> None:
        """Answer, packed if the client can unpack it."""
        headers = dict(headers or {})
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self.head(status, headers | {"Content-Length": str(len(content))})
        self.wfile.write(content)

    def head(self, status: int, headers: dict) -> None:
        """Send the lines before a body."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def hang_up(self) -> None:
        """End the connection here."""
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


# What can go wrong


def status(code: int, said: str = "", **headers: str) -> Callable[[Handler, bytes], None]:
    """An error status, with headers such as Retry_After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _: handler.give(code, said.encode(), named)


def says(content: bytes) -> Callable[[Handler, bytes], None]:
    """Another body than should be."""
    return lambda handler, _: handler.give(200, content)


def web_page(handler: Handler, _: bytes) -> None:
    """A page for people, with status 200."""
    handler.give(200, b"<!DOCTYPE html><html><body>Down for maintenance</body></html>")


def hang(handler: Handler, _: bytes) -> None:
    """No answer for a long time."""
    time.sleep(1.5)
    handler.hang_up()


def cut_in_body(handler: Handler, content: bytes) -> None:
    """The connection ends halfway through a body whose length was given."""
    handler.head(200, {"Content-Length": str(len(content))})
    handler.wfile.write(content[: len(content) // 2])
    handler.hang_up()


def cut_without_length(handler: Handler, content: bytes) -> None:
    """The same, of a body whose length was not given."""
    handler.head(200, {"Connection": "close"})
    handler.wfile.write(content[: content.rindex(b"\n", 0, -1) + 20])
    handler.hang_up()


def cut_between_rows(handler: Handler, content: bytes) -> None:
    """The same, just after a row, so that the body looks whole."""
    handler.head(200, {"Connection": "close"})
    handler.wfile.write(content[: content.rindex(b"\n", 0, -1) + 1])
    handler.hang_up()


def cut_gzip(handler: Handler, content: bytes) -> None:
    """A gzip stream that ends after a row, without its own end."""
    packer = zlib.compressobj(wbits=31)
    rows = packer.compress(content[: content.rindex(b"\n", 0, -1) + 1])
    handler.head(200, {"Connection": "close", "Content-Encoding": "gzip"})
    handler.wfile.write(rows + packer.flush(zlib.Z_SYNC_FLUSH))
    handler.hang_up()


def redirect(to: str) -> Callable[[Handler, bytes], None]:
    """The way to another address."""
    return lambda handler, _: handler.give(302, b"", {"Location": to})


def other_columns(handler: Handler, _: bytes) -> None:
    """CSV with columns that nobody asked for."""
    columns = handler.path.count("%2C") + 1
    handler.give(200, (",".join(f"c{i}" for i in range(columns)) + "\n").encode())


# The city's rows, made up


def city_tables(folder: Path) -> dict[str, tuple[dict, list[dict]]]:
    """Fields and rows of every dataset, of demo data made in a folder."""
    demo.generate(folder, scale=0.001, progress=False)
    read = {
        "crimes_2010_2019": ("crimes/*28col*", helpers.CRIMES_28, helpers.CRIMES_API),
        "crimes_2020_2024": ("crimes/*api*", helpers.CRIMES_28, helpers.CRIMES_API),
        "arrests_2010_2019": ("arrests/*25col*", helpers.ARRESTS_25, ARRESTS_25_API),
        "arrests_2020_present": ("arrests/*api*", helpers.ARRESTS_25, helpers.ARRESTS_API),
    }
    tables = {"nibrs_offenses": ({name: name.title() for name in NIBRS}, nibrs_rows(700))}
    for name, (pattern, shown, api) in read.items():
        path = next(folder.glob(pattern))
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        frame = frame.iloc[:, : len(api)].set_axis(api, axis=1)
        labels = dict(zip(api, shown, strict=False)) | {":@computed_region_x": "Census Tracts"}
        tables[name] = (labels, records(frame))
    return tables


def tables_elsewhere(folder: Path) -> dict[str, tuple[dict, list[dict]]]:
    """Fields and rows of every dataset of the chosen city, another one, of its demo data.

    The rows of a source's files are shared out among its datasets, under the portal's names and
    with dates as its API writes them. What the demo has no column for is filled.
    """
    demo.generate(folder, scale=0.001, progress=False)
    date_form = helpers.SEEDS.settings["demo"]["date"]
    tables = {}
    for source, fields in ELSEWHERE[cities.chosen()].items():
        files = sorted(folder.glob(f"{source}/*.csv"))
        frame = pd.concat(pd.read_csv(path, dtype=str) for path in files)
        layouts = read_layouts(helpers.SEEDS / "file_layouts.csv")
        columns = next(layout.columns for layout in layouts if layout.source == source)
        for name in {*columns["date_occurred"], *columns["date_reported"]} & {*frame}:
            dates = pd.to_datetime(frame[name], format=date_form)
            frame[name] = dates.dt.strftime("%Y-%m-%dT%H:%M:%S.000")
        known = {name_key(name): frame[name] for name in frame}
        rows = records(pd.DataFrame({f: known.get(name_key(f), f"of {f}") for f in fields}))
        own = [table.name for table in published().tables if table.folder == source]
        for i, name in enumerate(own):
            tables[name] = ({f: f.title() for f in fields}, rows[i :: len(own)])
    return tables


def records(frame: pd.DataFrame) -> list[dict]:
    """The rows of a frame as a portal has them, None where there is nothing."""
    frame = frame.astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def nibrs_rows(count: int) -> list[dict]:
    """Offences in the portal's layout, up to three a case."""
    return [
        dict.fromkeys(NIBRS, "0")
        | {
            "caseno": f"24010{i // 3:05d}",
            "uniquenibrno": f"24010{i // 3:05d}-13A-{i % 3}",
            "date_rptd": f"2024-{i % 9 + 3:02d}-09T00:00:00.000",
            "date_occ": f"2024-{i % 9 + 3:02d}-08T00:00:00.000",
            "time_occ": f"{i % 24:02d}00",
            "area": str(i % 21 + 1),
            "area_name": 'Says "Central", for short' if i % 2 else None,
            "group": "A",
            "nibr_code": "13A",
            "premis_desc": "STREET,\nSIDEWALK",
            "weapon_used_cd": None,
            "homeless_victim_crime": "Yes",
        }
        for i in range(count)
    ]


def city_shapes() -> dict[str, list]:
    """Squares about the districts' points, and of other layers about one point of each area."""
    seed = pd.read_csv(helpers.SEEDS / "small_areas.csv")
    districts = [
        square(
            row,
            REPDIST=row.small_area,
            PREC=row.area_id,
            APREC=row.area_name,
            BUREAU=row.bureau,
            OBJECTID=i,
        )
        for i, row in enumerate(seed.itertuples(), 1)
    ]
    divisions = [
        square(row, PREC=row.area_id, APREC=row.area_name)
        for row in seed.drop_duplicates("area_id").itertuples()
    ]
    firsts = list(seed.drop_duplicates("area_id").itertuples())
    councils = [square(row, District=i, NAME="who sits") for i, row in enumerate(firsts[:15], 1)]
    neighbourhoods = [square(row, name=f"{row.area_name} Side") for row in firsts]
    return {
        DISTRICTS: districts,
        DIVISIONS: divisions,
        COUNCILS: councils,
        NEIGHBOURHOODS: neighbourhoods,
    }


def square(row: object, **properties: object) -> dict:
    """A GeoJSON feature about the point of a row."""
    west, east, south, north = row.lon - 0.01, row.lon + 0.01, row.lat - 0.01, row.lat + 0.01
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
