"""Opening, sealing and rotating the keys of this node: the pages and what stands behind them."""
