"""Measures what pages cost, against views that do nearly nothing. `make bench`; docs/performance.md says how."""
