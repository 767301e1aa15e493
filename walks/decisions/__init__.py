"""What a Head sees of the requests for a walk (clashes, ways out, a suggested decision), and what they change."""
