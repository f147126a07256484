"""Reading printers and jobs: places, counts and states. No name or number of a patient is read here."""
