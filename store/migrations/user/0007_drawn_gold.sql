-- Word links that a person drew: the words they count, the links (`i-j` sure, `ipj` possible, from 0), and who drew them.
CREATE TABLE drawn_gold (
    gold_id VARCHAR PRIMARY KEY,
    source_words VARCHAR NOT NULL,
    target_words VARCHAR NOT NULL,
    source_language VARCHAR NOT NULL,
    target_language VARCHAR NOT NULL,
    links VARCHAR NOT NULL,
    author VARCHAR NOT NULL,
    kept TIMESTAMP NOT NULL
);
