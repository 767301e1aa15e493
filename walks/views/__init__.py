"""The pages of walks, one module per page or pair of pages."""
