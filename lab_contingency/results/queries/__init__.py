"""Reading results, within the reader's scope."""
