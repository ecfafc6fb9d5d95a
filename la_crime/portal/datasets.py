"""The city's datasets: where each is, and which of its columns may be asked for.

They stand in `portal.toml` in the city's folder.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from la_crime.cities import Seeds
from la_crime.inputs.layouts import name_key

PORTAL = "portal.toml"


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


@dataclass(frozen=True)
class Published:
    """What a city publishes: the addresses of its servers, its tables and its layers."""

    portal: str
    boundaries: str
    tables: tuple[Table, ...]
    layers: tuple[Layer, ...]

    @property
    def datasets(self) -> tuple[Table | Layer, ...]:
        """The tables, and then the layers."""
        return (*self.tables, *self.layers)

    @property
    def names(self) -> list[str]:
        """What the datasets are called."""
        return [dataset.name for dataset in self.datasets]


def published() -> Published:
    """What the city's `portal.toml` says; ValueError if it has none, or says it otherwise."""
    path = Seeds().city / PORTAL
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return Published(
            said["portal"],
            said.get("boundaries", said["portal"]),
            tuple(Table(**_whole(table)) for table in said.get("tables", [])),
            tuple(Layer(**_whole(layer)) for layer in said.get("layers", [])),
        )
    except FileNotFoundError:
        raise ValueError(
            f"{path} is missing, which would say where the city publishes: put its files into the "
            "data folder yourself."
        ) from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: cannot be read: {error}.") from error


def _whole(said: dict[str, Any]) -> dict[str, Any]:
    """What is said of a dataset, with lists as tuples."""
    return {key: tuple(cell) if isinstance(cell, list) else cell for key, cell in said.items()}


# What responsible use has no place for, by the name that the portal gives it or shows for it. It
# holds for columns that do not exist yet, too: better one too many than a person's.
WITHHELD = re.compile(
    r"^:"  # the portal's own, such as the census tract of a point
    r"|addr|street|crsst|location|_loc|block|intersection|zip|parcel|point|geo|coord|latit|longit"
    r"|lat_?lon|lon_?lat"
    r"|mo_?code|modus"
    r"|vict|susp|perp|arrestee|offender|officer|person|name|birth|dob|phone|plate|licen[cs]e"
    r"|(^|_)age(_|$)|sex|gender|descent|race|ethnic|hispanic|citizen|immigra|disab|mental|relig"
    r"|_crime$|homeless|gang|domestic|hate|transit|juvenile"
    r"|booking|bkg|case_?num|dispo|charge|chrg|report_type|narrative|comment|note",
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
                "add that in the city's portal.toml."
            )
    others = sorted(set(shown) - set(asked))
    withheld = [
        name
        for name in others
        if WITHHELD.search(name) or WITHHELD.search(re.sub(r"\W+", "_", shown[name].strip()))
    ]
    new = [name for name in others if name not in withheld]
    return Columns({**asked, **{name: name for name in new}}, new, withheld)
