"""Who saw what, what left, and whose it is that was found outside."""
