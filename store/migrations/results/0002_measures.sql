CREATE TABLE curves (
    run_id VARCHAR NOT NULL,
    step INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    value DOUBLE NOT NULL
);

CREATE TABLE scores (
    run_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    language VARCHAR NOT NULL,          -- '' where a score is of no one language
    layer INTEGER NOT NULL,             -- -1 where it is of no one layer
    value DOUBLE NOT NULL,
    low DOUBLE,
    high DOUBLE,
    items INTEGER NOT NULL
);
