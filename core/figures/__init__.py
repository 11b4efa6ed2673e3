"""Figures: plain tables and arrays in, plotly figures and sentences out. Used by the pages and the report."""
