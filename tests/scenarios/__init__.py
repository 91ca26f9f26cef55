"""What customers live through, told once and played on each channel: ``ten.py`` is the list."""
