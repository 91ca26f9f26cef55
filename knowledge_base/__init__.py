"""Articles, their index, and the decision to answer, to ask back or to abstain."""
