"""What a coordinator types about places and the network."""
