"""What is in a data folder and whether it can be read, before anything is built."""
