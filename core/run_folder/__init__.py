"""What a finished run folder holds: its tables, declared once, and the list of its files in run.json."""
