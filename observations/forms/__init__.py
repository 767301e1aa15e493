"""The forms of observations, one module per topic."""
