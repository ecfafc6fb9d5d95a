"""What several rooms do with frames."""

import pandas as pd


def typed(parts: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """The parts one below the other, with exactly these columns and types, even with no parts."""
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))
    return whole[list(columns)].astype(columns)
