-- Rows go in sorted by split, language and item within a run, so that a filter on them reads few blocks and
-- the columns compress. No key: an index over millions of rows would cost more than every query it serves,
-- and the importer has already refused duplicates.
CREATE TABLE predictions (
    run_id VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    item_id INTEGER NOT NULL,
    gold TINYINT NOT NULL,
    predicted TINYINT NOT NULL,         -- the most probable label; the first of equals
    entailment FLOAT NOT NULL,
    neutral FLOAT NOT NULL,
    contradiction FLOAT NOT NULL
);
