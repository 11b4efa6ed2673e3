-- One row a run. `record` is the whole run.json; what is asked for often stands beside it as a column.
CREATE TABLE runs (
    run_id VARCHAR PRIMARY KEY,
    arm VARCHAR NOT NULL,
    seed INTEGER NOT NULL,
    preset VARCHAR NOT NULL,
    encoder VARCHAR NOT NULL,
    encoder_sha256 VARCHAR NOT NULL,
    data_kind VARCHAR NOT NULL,
    warm_start VARCHAR,
    comparable VARCHAR NOT NULL,        -- runs may be compared when this is equal
    group_id VARCHAR NOT NULL,          -- the same, short enough for a link
    created TIMESTAMP NOT NULL,         -- UTC
    seconds DOUBLE NOT NULL,
    updates BIGINT NOT NULL,
    tokens_forward BIGINT NOT NULL,
    tokens_backward BIGINT NOT NULL,
    nli_pairs BIGINT NOT NULL,
    bitext_pairs BIGINT NOT NULL,
    took BOOLEAN,
    took_sentence VARCHAR NOT NULL,
    config VARCHAR NOT NULL,            -- JSON
    record VARCHAR NOT NULL             -- JSON
);

-- What was imported: one row for run.json and for each Parquet file. `sha256` is of the content, not of
-- the bytes; `bytes` and `modified_ns` let a folder that has not been touched be skipped unread.
CREATE TABLE imports (
    run_id VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    items BIGINT NOT NULL,
    folder VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    imported TIMESTAMP NOT NULL,        -- UTC
    PRIMARY KEY (run_id, file)
);
