"""The city's datasets: where each is, and which of its columns may be asked for."""

import re
from dataclasses import dataclass

from la_crime.inputs.layouts import name_key


@dataclass(frozen=True)
class Table:
    """A dataset of the portal, one row a report, an arrest or an offence.

    needed and harmless: the columns to ask for, each as `a | b`: the name in our files, then other
    names that the portal may give it. One that is needed must be there.
    """

    name: str
    id: str
    folder: str
    needed: tuple[str, ...]
    harmless: tuple[str, ...]

    def file_name(self, number: int) -> str:
        """Name of the dataset's landed file of a number."""
        return f"{self.name}-{number:05d}.parquet"


@dataclass(frozen=True)
class Layer:
    """A layer of boundaries, and the properties to keep of its shapes; the first is their key.

    Upper and lower case of a property make no difference.
    """

    name: str
    service: str
    properties: tuple[str, ...]

    @property
    def path(self) -> str:
        """Path of its file within the data folder."""
        return f"boundaries/{self.name}.geojson"


@dataclass(frozen=True)
class Columns:
    """What to ask a dataset for.

    asked: name at the portal -> name in our files. new: those of them that we did not know of.
    withheld: what the portal has and we never ask for.
    """

    asked: dict[str, str]
    new: list[str]
    withheld: list[str]


CRIMES = {
    "folder": "crimes",
    "needed": (
        "dr_no", "date_rptd", "date_occ", "time_occ", "area", "rpt_dist_no", "crm_cd", "vict_age",
        "vict_sex", "vict_descent", "premis_cd", "weapon_used_cd", "lat", "lon",
    ),
    "harmless": (
        "area_name", "part_1_2", "crm_cd_desc", "premis_desc", "weapon_desc", "status",
        "status_desc", "crm_cd_1", "crm_cd_2", "crm_cd_3", "crm_cd_4",
    ),
}  # fmt: skip
ARRESTS = {
    "folder": "arrests",
    "needed": (
        "rpt_id | report_id",
        "arst_date | arrest_date",
        "time | arrest_time",
        "area | area_id",
        "rd | rpt_dist_no | reporting_district",
        "age",
        "sex_cd | sex | sex_code",
        "descent_cd | descent | descent_code",
        "grp_code | chrg_grp_cd | charge_group_code",
        "arst_typ_cd | arrest_type_cd | arrest_type_code",
        "lat",
        "lon",
    ),
    "harmless": (
        "area_desc | area_name",
        "grp_description | chrg_grp_desc | charge_group_description",
    ),
}
TABLES = (
    Table("crimes_2010_2019", "63jg-8b9z", **CRIMES),
    Table("crimes_2020_2024", "2nrs-mtv8", **CRIMES),
    Table("arrests_2010_2019", "yru6-6re4", **ARRESTS),
    Table("arrests_2020_present", "amvf-fr72", **ARRESTS),
    Table(
        "nibrs_offenses",
        "k7nn-b2ep",
        folder="nibrs_offenses",
        needed=(
            "caseno", "uniquenibrno", "date_rptd", "date_occ", "time_occ", "area", "rpt_dist_no",
            "totaloffensecount", "group", "nibr_code", "crime_against", "premis_cd",
            "weapon_used_cd", "hndrdth_lat", "hndrdth_lon",
        ),
        harmless=(
            "area_name", "nibr_description", "premis_desc", "weapon_desc", "status", "status_desc",
        ),
    ),
)  # fmt: skip
ORGANISATION = "/7nsPwEMP38bSkCjy/arcgis/rest/services"
LAYERS = (
    Layer(
        "reporting_districts",
        f"{ORGANISATION}/LAPD_Reporting_District/FeatureServer/0",
        ("REPDIST", "PREC", "APREC", "BUREAU"),
    ),
    Layer("divisions", f"{ORGANISATION}/LAPD_Division/FeatureServer/0", ("PREC", "APREC")),
    Layer("council_districts", f"{ORGANISATION}/Council_Districts/FeatureServer/0", ("District",)),
    Layer("neighborhoods", f"{ORGANISATION}/LA_Times_Neighborhoods/FeatureServer/0", ("name",)),
)
NAMES = tuple(dataset.name for dataset in (*TABLES, *LAYERS))

# What responsible use has no place for, by the name that the portal gives it or shows for it. It
# holds for columns that do not exist yet, too: better one too many than a person's.
WITHHELD = re.compile(
    r"^:"  # the portal's own, such as the census tract of a point
    r"|addr|street|crsst|location|_loc|block|intersection|zip|parcel|point|geo|coord|latit|longit"
    r"|mo_?code|modus"
    r"|vict|susp|arrestee|offender|officer|person|name|birth|dob|phone|plate|licen[cs]e"
    r"|(^|_)age(_|$)|sex|gender|descent|race|ethnic|hispanic|citizen|immigra|disab|mental|relig"
    r"|_crime$|homeless|gang|domestic|hate|transit|juvenile"
    r"|booking|bkg|dispo|charge|chrg|report_type|narrative|comment|note",
    re.IGNORECASE,
)


def choose_columns(table: Table, fields: list[dict]) -> Columns:
    """Choose what to ask for, of the `columns` in a dataset's metadata.

    A name that we know is found by `fieldName`, or else by the `name` shown. Raises ValueError for
    a needed column that is not there.
    """
    shown = {field["fieldName"]: field.get("name", "") for field in fields}
    known = {name_key(name): name for name in reversed(shown)}
    by_label = {name_key(label): name for name, label in reversed(shown.items())}
    asked = {}
    for column in (*table.needed, *table.harmless):
        keys = [name_key(name) for name in column.split(" | ")]
        found = [names[key] for names in (known, by_label) for key in keys if key in names]
        if found:
            asked[found[0]] = column.split(" | ")[0]
        elif column in table.needed:
            raise ValueError(
                f"{table.name} ({table.id}) has no column {column.replace(' | ', ' or ')} at the "
                f"portal any more; it has {', '.join(sorted(shown))}. If it has another name now, "
                "add that in la_crime/portal/datasets.py."
            )
    others = sorted(set(shown) - set(asked))
    withheld = [
        name
        for name in others
        if WITHHELD.search(name) or WITHHELD.search(re.sub(r"\W+", "_", shown[name].strip()))
    ]
    new = [name for name in others if name not in withheld]
    return Columns({**asked, **{name: name for name in new}}, new, withheld)
