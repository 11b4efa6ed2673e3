"""Filters for what crawling, wrong decoding and markup leave in a bitext: one file a subject, one registry of all."""
