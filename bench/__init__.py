"""`make bench`: measure what pages cost, as a multiple of almost empty views (see docs/performance.md)."""
