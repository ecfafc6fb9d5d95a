"""Asks the city's servers, and them alone, with patience for a bad day.

A server is tired (429, 5xx, time-out, connection cut, half an answer, a web page in place of data):
it is asked again, a bounded number of times. It says no (403, 404), or sends us elsewhere: that is
an error at once.
"""

import email.utils
import io
import ipaddress
import json
import os
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import requests
import tenacity
import urllib3

from la_crime.inputs.layouts import name_key
from la_crime.portal.datasets import Columns, published

CONNECT_SECONDS = 4
READ_SECONDS = 90  # between two pieces of an answer; the portal may think for a minute first
ANSWER_SECONDS = 900
ANSWER_BYTES = 512 * 1024 * 1024
ATTEMPTS = 6
FIRST_ATTEMPTS = 2  # while no server has answered yet: probably there is no network
WAIT_SECONDS = 1.0  # before the second attempt; doubles, with jitter
LONGEST_WAIT_SECONDS = 120
REDIRECTS = 5
QUOTED_CHARACTERS = 200

ID, UPDATED_AT = "socrata_id", "socrata_updated_at"
SYSTEM_FIELDS = {":id": ID, ":updated_at": UPDATED_AT}
RESERVED_WORDS = {"group"}  # of the portal's query language, among the names of columns

T = TypeVar("T")


class PortalError(OSError):
    """What a server did not give, and what to do about it, in a sentence."""


class UnreachableError(PortalError):
    """No answer at all: it is no use to ask for the next dataset."""


class TiredError(Exception):
    """An answer that may be better next time. wait: seconds that the server asks for."""

    def __init__(self, reason: str, wait: float = 0) -> None:
        super().__init__(reason)
        self.wait = wait


class Server:
    """A server, by its base URL. No other is ever contacted."""

    def __init__(self, base_url: str, setting: str, token: str | None = None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError(
                f"{setting} must be a URL such as https://example.org, without a user or password."
            )
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError(
                f"{setting} begins with http://, which anyone on the way could read and alter, the "
                "app token too: give the address with https://. Plain http:// is for this machine "
                "alone, such as http://127.0.0.1."
            )
        if token and not (token.isascii() and token.isprintable()):
            raise ValueError("LA_CRIME_APP_TOKEN is no app token: it has characters of no such.")
        self.base_url = base_url.rstrip("/")
        self.host = parts.netloc
        self.setting = setting
        self.token = token
        self.has_answered = False
        self.session = requests.Session()
        self.session.headers["Accept-Encoding"] = "gzip"
        if token:
            self.session.headers["X-App-Token"] = token

    def ask(self, path: str, params: dict, parse: Callable[[bytes], T]) -> T:
        """Ask for a path; return what `parse` makes of the answer.

        `parse` may raise TiredError. Raises PortalError, in the end.
        """
        backoff = tenacity.wait_exponential(WAIT_SECONDS, max=30)
        backoff += tenacity.wait_random(0, WAIT_SECONDS)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TiredError),
            stop=lambda state: (
                state.attempt_number >= (ATTEMPTS if self.has_answered else FIRST_ATTEMPTS)
            ),
            wait=lambda state: max(
                state.outcome.exception().wait,
                backoff(state),
            ),
            reraise=True,
        )
        try:
            return retrying(lambda: parse(self._answer(self.base_url + path, params)))
        except TiredError as error:
            if self.has_answered:
                raise PortalError(
                    f"{self.host} did not give {path}: {self._safe(error)}, {ATTEMPTS} times in a "
                    "row. Try again later."
                ) from None
            raise UnreachableError(
                f"{self.host} cannot be reached ({self._safe(error)}). Check the network, set "
                f"{self.setting} to a mirror, or make demo data with: python -m la_crime demo"
            ) from None

    def _answer(self, url: str, params: dict | None) -> bytes:
        """Follow redirects within the server; return the body, unpacked."""
        for _ in range(REDIRECTS):
            try:
                with self.session.get(
                    url,
                    params=params,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    self.has_answered = True
                    if not response.is_redirect:
                        self._check_status(response)
                        return body(response)
                    url, params = self._redirected(response), None
            except requests.exceptions.SSLError as error:
                raise PortalError(
                    f"The certificate of {self.host} cannot be verified ({self._safe(error)}). "
                    "Verification is never left out: mend the clock or the machine's certificates."
                ) from None
            except requests.Timeout:
                raise TiredError("no answer in time") from None
            except requests.ConnectionError as error:
                raise TiredError(connection_fault(error)) from None
            except (urllib3.exceptions.ReadTimeoutError, TimeoutError):
                raise TiredError("the answer stopped halfway") from None
            except (urllib3.exceptions.HTTPError, zlib.error, ConnectionError):
                raise TiredError("the answer was cut short") from None
        raise PortalError(f"{self.host} redirects in a circle: {url}")

    def _redirected(self, response: requests.Response) -> str:
        """Where a redirect leads; raise PortalError if to another server."""
        target = urljoin(response.url, response.headers["Location"])
        if self.base_url.startswith("https:") and urlsplit(target).scheme == "http":
            raise PortalError(
                f"{self.host} redirects to {self._safe(urlsplit(target).netloc)} over plain "
                "http://, which anyone on the way could read and alter; that is refused."
            )
        if urlsplit(target)[:2] != urlsplit(self.base_url)[:2]:
            raise PortalError(
                f"{self.host} redirects to another server, {self._safe(urlsplit(target).netloc)}; "
                f"that is refused. If it is the right one, set {self.setting} to it."
            )
        return target

    def _check_status(self, response: requests.Response) -> None:
        """Raise TiredError or PortalError unless all is well."""
        status = response.status_code
        if status == requests.codes.ok:
            return
        path = urlsplit(response.url).path
        if status in (202, 408, 429) or status >= 500:
            wait = retry_after(response.headers.get("Retry-After"))
            if wait > LONGEST_WAIT_SECONDS:
                raise PortalError(
                    f"{self.host} is busy (status {status}) and asks to come back in "
                    f"{wait / 60:.0f} minutes. Run again then."
                )
            raise TiredError(f"status {status}", wait)
        if status in (401, 403, 404, 410):
            raise PortalError(
                f"{self.host} does not give {path} (status {status}): the dataset was probably "
                "retired or made private. See whether it has a new id, and put that into "
                "the city's portal.toml; or fetch the others with --dataset."
            )
        said = " ".join(body(response)[:QUOTED_CHARACTERS].decode(errors="replace").split())
        raise PortalError(
            f"{self.host} refuses {path} (status {status}). It says: {self._safe(said)}"
        )

    def _safe(self, text: object) -> str:
        """A text without the token, should a server have sent it back."""
        return str(text).replace(self.token, "***") if self.token else str(text)


class Portal(Server):
    """The open data portal (Socrata): metadata, counts and pages of a dataset."""

    def __init__(self) -> None:
        super().__init__(
            os.environ.get("LA_CRIME_PORTAL_URL") or published().portal,
            "LA_CRIME_PORTAL_URL",
            os.environ.get("LA_CRIME_APP_TOKEN", "").strip() or None,
        )

    def metadata(self, dataset_id: str) -> dict:
        """What a dataset is; has `rowsUpdatedAt` (seconds since 1970) and `columns`."""
        found = self.ask(f"/api/views/{dataset_id}.json", {}, parse_json)
        try:
            is_table = found["rowsUpdatedAt"] and all(x["fieldName"] for x in found["columns"])
        except (KeyError, TypeError):
            is_table = False
        if not is_table:
            raise PortalError(
                f"{self.host} has metadata of {dataset_id} without rowsUpdatedAt and columns: it "
                "is not a table of an open data portal."
            )
        return found

    def count(self, dataset_id: str, where: str = "") -> int:
        """How many rows there are."""
        return self._one_value(dataset_id, {"$select": "count(*)"} | conditions(where), int)

    def newest_update(self, dataset_id: str) -> str | None:
        """When the row that changed last did, in the portal's own words; None if there is none."""
        params = {"$select": ":updated_at", "$order": ":updated_at DESC", "$limit": 1}
        return self._one_value(dataset_id, params, str)

    def page(self, dataset_id: str, columns: Columns, where: str, limit: int) -> pa.Table:
        """Read rows in the order of their `:id`; all text, null where empty, under our names."""
        names = columns.asked | SYSTEM_FIELDS
        asked = [f"`{name}`" if name in RESERVED_WORDS else name for name in names]
        params = {"$select": ",".join(asked), "$order": ":id", "$limit": limit}
        return self.ask(
            f"/resource/{dataset_id}.csv",
            params | conditions(where),
            lambda content: parse_csv(content, names),
        )

    def _one_value(self, dataset_id: str, params: dict, kind: type[T]) -> T | None:
        """The only value of the only row; None if there is no row."""

        def parse(content: bytes) -> T | None:
            rows = parse_json(content)
            try:
                return kind(next(iter(rows[0].values()))) if rows else None
            except (KeyError, StopIteration, AttributeError, TypeError, ValueError):
                raise TiredError("not the value that was asked for") from None

        return self.ask(f"/resource/{dataset_id}.json", params, parse)


class Boundaries(Server):
    """The server of boundaries (ArcGIS): the shapes of a layer."""

    def __init__(self) -> None:
        super().__init__(
            os.environ.get("LA_CRIME_BOUNDARIES_URL") or published().boundaries,
            "LA_CRIME_BOUNDARIES_URL",
        )

    def count(self, service: str) -> int:
        """How many shapes there are."""

        def parse(content: bytes) -> int:
            answer = parse_json(content)
            if not isinstance(answer, dict) or "count" not in answer:
                raise TiredError("not the value that was asked for")
            return answer["count"]

        return self._query(service, {"returnCountOnly": "true", "f": "json"}, parse)

    def page(self, service: str, offset: int) -> list[dict]:
        """Read shapes as GeoJSON features, from the one at `offset` on."""

        def parse(content: bytes) -> list[dict]:
            answer = parse_json(content)
            if not isinstance(answer, dict) or "features" not in answer:  # also `error`, with a 200
                raise TiredError(f"not the shapes that were asked for: {str(answer)[:100]}")
            return answer["features"]

        return self._query(
            service, {"outFields": "*", "f": "geojson", "resultOffset": offset}, parse
        )

    def _query(self, service: str, params: dict, parse: Callable[[bytes], T]) -> T:
        return self.ask(f"{service}/query", {"where": "1=1"} | params, parse)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def conditions(where: str) -> dict:
    """The parameter of a condition, if there is one."""
    return {"$where": where} if where else {}


def body(response: requests.Response) -> bytes:
    """Read a body to its end, unpacked; raise TiredError if it is not whole.

    What the connection itself cannot tell is told here: whether a gzip stream has its end.
    """
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding not in ("gzip", "identity"):
        raise TiredError(f"an answer packed as {encoding}")
    unpacker = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    deadline = time.monotonic() + ANSWER_SECONDS
    content = bytearray()
    for piece in response.raw.stream(64 * 1024, decode_content=False):
        content += unpacker.decompress(piece, ANSWER_BYTES) if unpacker else piece
        if len(content) >= ANSWER_BYTES or time.monotonic() > deadline:
            raise TiredError("an answer without an end")
    if unpacker and not unpacker.eof:
        raise TiredError("the answer was cut short")
    return bytes(content)


def refuse_web_page(content: bytes) -> None:
    """Raise TiredError for HTML, which servers at odds with themselves send with status 200."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise TiredError("a web page in place of data")


def parse_json(content: bytes) -> dict | list:
    """Read JSON; raise TiredError if it is something else."""
    refuse_web_page(content)
    try:
        return json.loads(content)
    except ValueError:
        raise TiredError("not the JSON that was asked for") from None


def parse_csv(content: bytes, names: dict[str, str]) -> pa.Table:
    """Read CSV as text, under our names; raise TiredError unless it is whole.

    names: name at the portal -> our name, in the order of the columns.
    """
    refuse_web_page(content)
    if not content.endswith(b"\n"):
        raise TiredError("the answer was cut short")
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(content),
            read_options=pyarrow.csv.ReadOptions(column_names=[*names.values()]),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names.values(), pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        ).combine_chunks()
    except pa.ArrowInvalid as error:
        raise TiredError(f"not the CSV that was asked for ({str(error)[:100]})") from None
    header = [str(value) for value in table.slice(0, 1).to_pylist()[0].values()]
    if [name_key(name) for name in header] != [name_key(name) for name in names]:
        raise TiredError(f"other columns than were asked for ({', '.join(header)[:100]})")
    rows = table.slice(1)
    if rows[ID].null_count or pc.count_distinct(rows[ID]).as_py() != len(rows):
        raise TiredError("rows without an id of their own")
    return rows


def retry_after(header: str | None) -> float:
    """Seconds that a server asks to wait, by a number or a date; 0 if it does not."""
    if not header:
        return 0
    if header.strip().isdigit():
        return float(header)
    try:
        at = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return 0
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def connection_fault(error: requests.ConnectionError) -> str:
    """What was wrong with a connection, in a few words."""
    text = str(error)
    if "NameResolution" in text or "getaddrinfo" in text or "Name or service" in text:
        return "its name is not known here"
    if "refused" in text:
        return "the connection is refused"
    if "unreachable" in text:
        return "there is no way to it from here"
    return "the connection broke"
