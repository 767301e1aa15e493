"""The forms of walks, one module per page."""
