-- A person's own bitexts. `number` counts the stored pairs from 0 in the file's order; `line` is where the pair stood
-- in the file. Rows go in once, in one transaction with their bitext's, and leave with it.
CREATE TABLE bitexts (
    bitext_id VARCHAR PRIMARY KEY,      -- of the content and the layout: storing the same again changes nothing
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,            -- of the file as it came
    file VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    licence VARCHAR NOT NULL,           -- the person's own note
    provenance VARCHAR NOT NULL,        -- the person's own note
    source_language VARCHAR NOT NULL,
    target_language VARCHAR NOT NULL,
    pairs BIGINT NOT NULL,
    report VARCHAR NOT NULL,            -- JSON: read, kept, dropped, errors
    created TIMESTAMP NOT NULL          -- UTC
);

CREATE TABLE bitext_pairs (
    bitext_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    target VARCHAR NOT NULL
);

CREATE TABLE bitext_scores (
    bitext_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    transport FLOAT NOT NULL,
    leftover FLOAT NOT NULL,
    cosine FLOAT NOT NULL,
    length FLOAT NOT NULL
);

-- What the scores are worth: the planted corruption of the same file, as JSON.
CREATE TABLE bitext_trust (
    bitext_id VARCHAR PRIMARY KEY,
    document VARCHAR NOT NULL
);
