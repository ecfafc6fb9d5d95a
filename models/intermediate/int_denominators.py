"""The denominators in the data folder."""

import pandas as pd

from la_crime import settings
from la_crime.spatial import denominators


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per denominator; see `la_crime.spatial.denominators.listed`."""
    columns = ["denominator", "title", "file", "year"]
    found = [vars(one) for one in denominators.listed(settings.data_folder())]
    return pd.DataFrame(found, columns=[*columns, "count_column"])[columns].astype("str")
