"""Pages that join the apps, and error pages."""
