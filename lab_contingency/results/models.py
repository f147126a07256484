"""Tables of this storey."""
