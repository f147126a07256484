"""Planning the whole queue at once, asking what would be if, and taking a laboratory out of action."""
