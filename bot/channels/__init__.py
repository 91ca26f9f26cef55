"""Where customers are. A channel is one file here and one line in ``registry.py``."""
