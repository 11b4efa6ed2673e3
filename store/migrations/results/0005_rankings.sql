CREATE TABLE rankings (
    run_id VARCHAR NOT NULL,
    collection VARCHAR NOT NULL,
    query_language VARCHAR NOT NULL,
    candidate_language VARCHAR NOT NULL,
    query_id INTEGER NOT NULL,
    "rank" INTEGER NOT NULL,
    candidate_id INTEGER NOT NULL,
    score FLOAT NOT NULL
);
