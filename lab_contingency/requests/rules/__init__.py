"""What a clinician would argue about in a request: who the patient is, how urgent, what a test may become."""
