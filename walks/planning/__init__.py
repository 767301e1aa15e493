"""Plan a walk and decide on it: plans, routes, clashes, cover, good times, and the catalogue of practices."""
