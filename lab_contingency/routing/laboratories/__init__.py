"""What every laboratory can do now, for the people who choose and who change the network."""
