"""Who has walked this semester: the report, its files, excusals, and nudges for those who have not planned."""
