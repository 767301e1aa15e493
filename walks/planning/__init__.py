"""Plan a walk: plans, routes, clashes, cover, good times, and the catalogue of practices."""
