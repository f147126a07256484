"""Reading for routing: who can do a test, the queue, what is to be sent out."""
