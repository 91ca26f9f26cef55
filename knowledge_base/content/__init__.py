"""Articles: their form, the folder they live in, its history, and bringing them in."""
