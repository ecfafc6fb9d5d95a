"""dbt's documentation as one page that says nothing of the machine it was made on.

dbt can put its page together itself (`docs generate --static`); the manifest in it then has the
folders of whoever built, and a description with `</script>` would end its script.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

# what dbt's page has where the data belongs
MANIFEST_HERE, CATALOG_HERE = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'
# what it would ask the browser for before it is filled in, and what to put there; and no code from
# text, which Angular does without when it is told to
UNFILLED = {
    'xlink:href="{{': 'ng-attr-xlink:href="{{',
    "${require('./assets/favicons/favicon.ico')}": "data:,",
    'ng-app="dbt"': 'ng-app="dbt" ng-csp="no-unsafe-eval"',
}
FOLDERS = ("root_path", "compiled_path", "build_path")
# compiled SQL with one of these names files of the data folder by their whole path, and that of a
# hook at a run's end the folder
READERS = re.compile(r"\bread_(csv|parquet)\(")


def page(target: Path) -> str:
    """Put together the page from what `dbt docs generate` left in its target folder."""
    html = (target / "index.html").read_text(encoding="utf-8")
    for unfilled, filled in UNFILLED.items():
        html = html.replace(unfilled, filled)
    manifest = without_folders(json.loads((target / "manifest.json").read_text(encoding="utf-8")))
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    html = html.replace(MANIFEST_HERE, as_script(manifest)).replace(
        CATALOG_HERE, as_script(catalog)
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(html)}">'
    return html.replace('<meta charset="utf-8">', f'<meta charset="utf-8">{meta}', 1)


def without_folders(manifest: dict) -> dict:
    """The manifest without paths, users and variables of the machine."""
    manifest["metadata"] |= {"env": {}, "user_id": None}
    for kind in ("nodes", "disabled"):
        for entry in manifest[kind].values():
            # a disabled node is a list of its versions
            for node in entry if isinstance(entry, list) else [entry]:
                for key in FOLDERS:
                    node.pop(key, None)
                is_hook = node.get("resource_type") == "operation"
                if is_hook or READERS.search(node.get("compiled_code") or ""):
                    node.pop("compiled_code", None)
    return manifest


def as_script(value: dict) -> str:
    """A value as JSON that cannot end the script that it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def policy(html: str) -> str:
    """A policy for dbt's page: its own scripts, by their hashes, and its inline styles.

    It is all in one file, so there is nothing for it to load.
    """
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in scripts]
    hashes = " ".join(f"'sha256-{digest.decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )
