"""What a walk could look like: plans, routes, clashes, cover, good times, and the catalogue of practices."""
