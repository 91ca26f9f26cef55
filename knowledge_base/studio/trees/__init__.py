"""Decision trees in the studio: drafts, publishing, history; as articles, but each holds all its languages."""
