"""Large public models behind the painter interface: what they need, what fits, how to get them."""
