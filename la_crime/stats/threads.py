"""One thread for what sums, so that results repeat whatever the number of cores."""

# A controller knows of the libraries that are there when it is made: those that have threads first.
import scipy.linalg  # noqa: F401
import sklearn.cluster  # noqa: F401
from threadpoolctl import ThreadpoolController

# One thread fixes the order of every sum.
single_threaded = ThreadpoolController().wrap(limits=1)
