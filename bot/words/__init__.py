"""What advisors say and find again: suggestions, cards, canned replies, wishes for articles, search, transcripts."""
