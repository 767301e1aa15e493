"""The pages of observations, one module per page or pair of pages."""
