"""The places on the map: boundary files, and who neighbours whom."""
