"""The help centre: the published articles as pages, and what readers think of them."""
