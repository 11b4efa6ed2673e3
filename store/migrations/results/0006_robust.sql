-- Predictions under harder inputs, which `split` names: noise, code_switch, clean (the same items as they are) and
-- generalised, where `language` is a pair, premise's and hypothesis's.
CREATE TABLE robust (
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
