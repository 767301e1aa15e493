"""Running an installation, and watching it."""
