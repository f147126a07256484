"""Reading where tubes are: on which hop, since when, due when, through whose hands."""
