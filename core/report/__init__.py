"""Reports of stored results: one HTML file that opens offline, and slides with charts that can be edited."""
