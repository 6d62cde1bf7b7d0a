"""Networks: the spec and the lens of their address pools."""
