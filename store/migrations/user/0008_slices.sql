-- Slices that a person kept by name: a line of the language of slices (core/evaluation/slicing/parser.py).
CREATE TABLE kept_slices (
    name VARCHAR PRIMARY KEY,
    query VARCHAR NOT NULL,
    kept TIMESTAMP NOT NULL             -- UTC
);

-- Columns of a person's own, which slices may ask for: a value of an item in `language`, or in every one ('').
CREATE TABLE item_columns (
    data_kind VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    item_id INTEGER NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (data_kind, split, name, language, item_id)
);
