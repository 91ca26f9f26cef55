"""Two clocks: service levels in opening hours, and the customer's own in plain hours."""
