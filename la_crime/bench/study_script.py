"""The study's steps as one plain pandas and scikit-learn script: what `bench` compares with.

It reads every column, cleans the columns that the study used, drops duplicates, and clusters areas
and districts by K-means and Ward, over all years and over 2017, by volume and by crime type. It
tests nothing, explains nothing and keeps nothing; `python -m la_crime.bench.study_script FOLDER`
prints sizes of clusters.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.cluster import KMeans

from la_crime.cities import Seeds
from la_crime.inputs import inspection

COLUMNS = ("report_id", "date_occurred", "area_id", "small_area")
KIND = {"crimes": "crime_code", "arrests": "charge_group_code"}


def read(folder: Path, source: str) -> pd.DataFrame:
    """Read and clean the files of one source, latest extract last."""
    frames = []
    for file in inspection.inspect(folder, Seeds(Path()))["files"]:
        if file["source"] != source:
            continue
        path = file["path"]
        is_parquet = file["format"] == "parquet"
        whole = pd.read_parquet(path) if is_parquet else pd.read_csv(path, dtype=str)
        wanted = {c: whole.iloc[:, file["columns"][c]] for c in (*COLUMNS, KIND[source])}
        frames.append(pd.DataFrame(wanted))
    incidents = pd.concat(frames)
    for column in ("report_id", "area_id", "small_area", KIND[source]):
        incidents[column] = pd.to_numeric(incidents[column], errors="coerce")
    days = incidents["date_occurred"].str.slice(0, 11)
    forms = {"%Y-%m-%d": days.str[:10], "%Y %b %d": days, "%m/%d/%Y": days.str.split(" ").str[0]}
    read = [pd.to_datetime(text, format=form, errors="coerce") for form, text in forms.items()]
    incidents["year"] = read[0].fillna(read[1]).fillna(read[2]).dt.year
    incidents = incidents.dropna(subset=["report_id", "year", "area_id"])
    return incidents.drop_duplicates("report_id", keep="last")


def cluster(incidents: pd.DataFrame, place: str, kind: str | None, k: int = 4) -> None:
    """Cluster places by volume, or by counts of each kind, with K-means and Ward."""
    if kind is None:
        counts = incidents.groupby(place).size().to_frame()
    else:
        counts = pd.crosstab(incidents[place], incidents[kind])
    x = np.log1p(counts.to_numpy(dtype=float))
    if len(x) <= k:
        return
    kmeans = KMeans(k, n_init=10, random_state=0).fit_predict(x)
    ward = cut_tree(linkage(x, "ward"), k).ravel()
    print(place, kind or "volume", np.bincount(kmeans), np.bincount(ward))


def main(folder: Path) -> None:
    """Do the study's steps on a data folder."""
    for source, kind in KIND.items():
        incidents = read(folder, source)
        print(source, len(incidents), "incidents")
        for period in (incidents, incidents[incidents["year"] == 2017]):
            for place in ("area_id", "small_area"):
                cluster(period, place, None)
                cluster(period, place, kind)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
