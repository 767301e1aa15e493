"""The pages of accounts: first school, people, second step, sign-in."""
