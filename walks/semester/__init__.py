"""Who has walked this semester: the report and its exports, excusals, and nudges for teachers without a plan."""
