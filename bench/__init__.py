"""The benchmarks: every file that has a `measure` adds rows to the table of `make bench`."""
