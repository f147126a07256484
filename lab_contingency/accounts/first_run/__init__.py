"""The first run of a live node: its keys, its first administrator, proved at the server itself, in one go."""
