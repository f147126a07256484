"""What a laboratory states about its own measuring: its methods, and what it holds for normal."""
