"""Reading the record: what was shown, what left, who that is, what was found outside."""
