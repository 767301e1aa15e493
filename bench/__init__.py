"""Measures what a page costs, against views that do nearly nothing. `make bench`; docs/performance.md says how and what."""
