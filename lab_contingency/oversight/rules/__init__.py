"""What an exposure report may say, what a list showed when, who must agree to an export, what a notice says."""
