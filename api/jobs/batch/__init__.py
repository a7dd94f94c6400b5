"""The overnight batch: every PDU validated, rebalanced, its rosters renewed; begun again where it was cut off."""
