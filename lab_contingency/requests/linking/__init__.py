"""The page on which somebody unidentified gets their name."""
