"""Reading what waits, what a plan says, and what would be if."""
