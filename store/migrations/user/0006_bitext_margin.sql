-- The ratio margin of a pair. Scores made before it have none and are made again when the bitext is scored again.
ALTER TABLE bitext_scores ADD COLUMN margin FLOAT;
