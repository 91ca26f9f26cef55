"""What was promised to customers: made, watched, kept."""
