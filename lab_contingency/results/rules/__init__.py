"""What a clinician would argue about in results: values, hands, calls, what the machine notices."""
