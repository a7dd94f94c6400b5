"""Cases to officers: allocate, recommend and rebalance under every rule."""
