"""Query encoders."""
