"""The forms of walks: one module for each page."""
