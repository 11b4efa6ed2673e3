"""Cross-lingual retrieval: query encoders trained on bitext alone, collections, metrics, index."""
