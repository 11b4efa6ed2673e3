"""Behavioural suites for NLI: small sets of items that each test one ability, run on any model with weights."""
