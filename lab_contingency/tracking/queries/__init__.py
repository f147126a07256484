"""Reading across all storeys: one request's story, each role's work. Nothing here changes anything."""
