"""What joins the apps for privacy: who sees what, what is kept how long, the person's own copy."""
