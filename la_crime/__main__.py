"""The command line: `python -m la_crime <command>`, run from the project's folder."""

import argparse
import os
import sys
import traceback
from datetime import date
from pathlib import Path

from la_crime import settings
from la_crime.warehouse.opening import first_line


def demo(args: argparse.Namespace) -> int:
    """Make synthetic data."""
    from la_crime.demo import generate

    print(f"Making synthetic demo data at scale {args.scale:g} in {args.out} ...", file=sys.stderr)
    made = generate(args.out, scale=args.scale, seed=args.seed, history=args.history)
    written = made["files"]
    for name, file in written.items():
        print(f"  {name:<55} {file['rows']:>10,} rows {file['bytes'] / 1e6:>8.1f} MB")
    return 0


def build(args: argparse.Namespace) -> int:
    """Build and test the warehouse, then say what is in it."""
    from la_crime.warehouse import build

    return build.build(full_refresh=args.full_refresh, engine=args.engine)


def hand_over(args: argparse.Namespace) -> int:
    """Build the left half on Spark, and hand its tables over."""
    from la_crime.warehouse import build

    return build.hand_over(args.out, full_refresh=args.full_refresh)


def fetch(args: argparse.Namespace) -> int:
    """Fetch the city's files, or what is new of them."""
    from la_crime.portal import fetch

    if args.check:
        return fetch.SOMETHING_NEW if fetch.check(args.out, args.dataset) else 0
    fetch.fetch(args.out, args.dataset, args.since, args.page_rows, args.pages_per_file)
    return 0


def refresh(args: argparse.Namespace) -> int:
    """Fetch what is new, then build from it."""
    from la_crime.portal import fetch
    from la_crime.warehouse import build

    fetch.fetch(args.out)
    os.environ["LA_CRIME_DATA_DIR"] = str(args.out)
    return build.build(full_refresh=args.full_refresh)


def summary(_: argparse.Namespace) -> int:
    """Say what is in the warehouse."""
    from la_crime.warehouse import summary

    say(f"Reading {settings.warehouse()} ...")
    print(summary.summary(settings.warehouse()))
    return 0


def publish(_: argparse.Namespace) -> int:
    """Publish the marts for BI tools."""
    from la_crime.warehouse import publish

    say(f"Publishing {settings.warehouse()} ...")
    print(publish.publish(settings.warehouse()))
    return 0


def docs(args: argparse.Namespace) -> int:
    """Make the dbt documentation as one file."""
    from la_crime.warehouse import build

    return build.docs(args.out)


def site(args: argparse.Namespace) -> int:
    """Write the static site from what is published of the warehouse, else from itself."""
    from la_crime import site
    from la_crime.warehouse import opening, publish

    database = args.database or publish.database_to_read(settings.warehouse())
    if args.lineage:
        from la_crime.warehouse import build

        build.require_project_folder()
    folder = (
        settings.chosen_data_folder()
        or opening.built_from(settings.warehouse())
        or settings.data_folder()
    )
    say(f"Reading {database} ...")
    built = site.build(database, args.out, folder, lineage=args.lineage)
    print(built.outlines)
    print(f"{len(built.pages)} pages from {database}: open {args.out / 'index.html'} in a browser.")
    return 0


def attack(args: argparse.Namespace) -> int:
    """Try to work out from published files what nobody is to know."""
    from la_crime.warehouse import attack

    return attack.report(args.file, args.older, args.seconds, args.programs)


def calibrate(args: argparse.Namespace) -> int:
    """Say how often verdicts and intervals hold in simulated cities."""
    from la_crime import calibration

    say(f"Simulating {args.cities} cities of each kind ...")
    print(calibration.report(args.cities, args.picture, say))
    return 0


def bench(args: argparse.Namespace) -> int:
    """Time a full-size build beside a plain script of the study's steps."""
    from la_crime import bench

    say(f"Timing with data, warehouse and logs of its own in {args.folder} ...")
    return bench.bench(args.folder, args.scale, args.picture)


def say(line: str) -> None:
    """Say what is being done, apart from its result."""
    print(line, file=sys.stderr)


def natural(text: str) -> int:
    """Read a whole number of nought or more."""
    if (number := int(text)) < 0:
        raise ValueError
    return number


def positive(text: str) -> int:
    """Read a whole number above nought."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(
        prog="python -m la_crime",
        description="Place-based crime analysis of a city. Settings: CITY, LA_CRIME_DATA_DIR "
        f"(now {settings.data_folder()}), LA_CRIME_DB (now {settings.warehouse()}).",
    )
    commands = top.add_subparsers(required=True, metavar="command")

    def command(run, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(run.__name__, help=text, description=text)
        added.set_defaults(run=run)
        return added

    add = command(demo, "make synthetic demo data in the layouts of the real files")
    add.add_argument("--scale", type=float, default=0.1, help="rows over the real number (0.1)")
    add.add_argument(
        "--seed", type=natural, default=2010, help="another city of the same kind (2010)"
    )
    add.add_argument(
        "--out", type=Path, default=settings.default_data_folder(), help="(%(default)s)"
    )
    add.add_argument(
        "--history",
        choices=("published", "steady", "changed"),
        default="published",
        help="how places develop: by the published area totals, with drift and bursts; "
        "steady shares and mixes, with Poisson noise alone; or steady but for a planted change "
        "between 2014 and 2016 (published)",
    )
    add = command(build, "demo data if there is none, `dbt build` with every test, and a summary")
    add.add_argument("--full-refresh", action="store_true", help="build every table from nothing")
    add.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="what reads, cleans and counts incidents; the rest is DuckDB's (duckdb)",
    )
    add = command(
        hand_over,
        "what reads single incidents on Apache Spark, and its counts for a build on DuckDB: "
        "LA_CRIME_HANDED_OVER=FOLDER",
    )
    add.add_argument(
        "--out",
        type=Path,
        default=settings.warehouse().parent / "handed_over",
        help="(%(default)s)",
    )
    add.add_argument("--full-refresh", action="store_true", help="read every file anew")
    add = command(fetch, "the city's files into a data folder, or what is new of them")
    add.add_argument("--dataset", action="append", metavar="NAME", help="only this one; repeatable")
    add.add_argument("--out", type=Path, default=settings.fetched_folder(), help="(%(default)s)")
    add.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="for a new folder: only rows that the portal changed on that day or later",
    )
    add.add_argument(
        "--check",
        action="store_true",
        help="say what is new and fetch nothing; exit code 0 if all is up to date, 3 if not",
    )
    add.add_argument("--page-rows", type=positive, default=50_000, help="rows a request (50000)")
    add.add_argument("--pages-per-file", type=positive, default=10, help="requests a file (10)")
    add = command(refresh, "fetch what is new at the portal, and build from it")
    add.add_argument("--out", type=Path, default=settings.fetched_folder(), help="(%(default)s)")
    add.add_argument("--full-refresh", action="store_true", help="build every table from nothing")
    command(summary, "what the warehouse holds: rows, tiers, and how far to trust them")
    command(publish, "the marts as a file that BI tools can hold open, if the last build passed")
    add = command(docs, "the dbt documentation and lineage as one static page")
    add.add_argument("--out", type=Path, default=Path("site/lineage/index.html"))
    add = command(site, "a static site of maps and charts that opens without a server")
    add.add_argument("--out", type=Path, default=Path("site"), help="(site)")
    add.add_argument(
        "--database",
        type=Path,
        help="the DuckDB file to read (what is published of the warehouse, else the warehouse)",
    )
    add.add_argument(
        "--no-lineage",
        dest="lineage",
        action="store_false",
        help="leave out dbt's documentation, which takes a while",
    )
    add = command(
        attack,
        "what arithmetic can work out of one or two published files about a handful of people; "
        "exit code 1 if anything",
    )
    add.add_argument("file", type=Path, help="a published la_crime.duckdb")
    add.add_argument("older", type=Path, nargs="?", help="an older version of it")
    add.add_argument("--seconds", type=positive, default=300, help="for how long (300)")
    add.add_argument(
        "--programs", type=int, help="bound at most so many counts by linear programming (no limit)"
    )
    add = command(
        calibrate,
        "how often verdicts, intervals and probabilities hold in simulated cities of known truth",
    )
    add.add_argument("--cities", type=positive, default=100, help="of each kind (100)")
    add.add_argument("--picture", type=Path, help="draw what is said of tiers beside what came")
    add = command(
        bench,
        "time a pandas script of the study, and builds: from nothing, of nothing new, of new rows",
    )
    add.add_argument("--scale", type=float, default=1.0, help="rows over the real number (1)")
    add.add_argument("--folder", type=Path, default=Path("data/bench"), help="(data/bench)")
    add.add_argument("--picture", type=Path, help="draw what each took")
    return top


def main() -> int:
    """Run the command that was asked for; whatever goes wrong is a sentence."""
    args = parser().parse_args()
    try:
        code = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever reads has read enough, as `| head` does; Python would complain of it at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    except Exception as error:
        say(f"Error: {sentence(error)}")
        return 1
    return code


def sentence(error: Exception) -> str:
    """Say what went wrong: what a person can mend, or where this program is at fault."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    if isinstance(error, ValueError | OSError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{first_line(error)} ({type(error).__name__} in {Path(place.filename).name}, line "
        f"{place.lineno}). This is a fault of the program: please report it with the command."
    )


if __name__ == "__main__":
    sys.exit(main())
