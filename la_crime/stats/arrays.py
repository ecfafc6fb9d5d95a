"""What every statistic shares: the types of arrays, and rounding."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# The last bits of a float differ across CPUs; nine decimals do not, and are far below any meaning.
DECIMALS = 9


def rounded(values: Any) -> Any:
    """`values` (a float or an array) to `DECIMALS` decimals: the one place that rounds results."""
    return np.round(values, DECIMALS)
