"""The names of the clustering algorithms; nothing is imported, so that reading a plan is quick."""

LINKAGE_METHODS = ("ward", "average", "complete")
ALGORITHMS = ("kmeans", *LINKAGE_METHODS)
