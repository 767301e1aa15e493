"""The actions on a walk, by people and by the system, from the plan to its completion."""
