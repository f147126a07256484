"""The print station: printers as data, jobs with a state for every label, and what talks to the printers."""
