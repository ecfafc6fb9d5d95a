"""The names of the clustering algorithms; nothing is imported, so that reading a plan is quick."""

LINKAGE_METHODS = ("ward", "average", "complete")
# of places wherever they lie: what is said of algorithms is said of these
UNCONSTRAINED = ("kmeans", *LINKAGE_METHODS)
CONTIGUOUS = "ward_contiguous"
ALGORITHMS = (*UNCONSTRAINED, CONTIGUOUS)
