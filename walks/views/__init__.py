"""The pages of walks: one module for each page or group of pages."""
