-- What people marked as doubtful. An item's label is one in all languages: language '' stands for them. An item of
-- another data set or split has the same number, so both belong to the key.
CREATE TABLE marks (
    data_kind VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    item_id INTEGER NOT NULL,
    language VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL,            -- UTC
    PRIMARY KEY (data_kind, split, item_id, language)
);
