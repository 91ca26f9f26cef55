"""How good answers are: engines compared on a set of articles and questions."""
