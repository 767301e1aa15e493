"""Open doors: teachers invite colleagues to one of their lessons, and a colleague comes without asking for approval."""
