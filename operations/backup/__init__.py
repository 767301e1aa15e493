"""Back up the database and the photos into one archive, and restore them."""
