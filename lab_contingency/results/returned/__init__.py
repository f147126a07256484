"""Results of laboratories that work on paper: their return slips, typed back by one person and checked by another."""
