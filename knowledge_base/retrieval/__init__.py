"""Finding the article that answers a question, and knowing when there is none."""
