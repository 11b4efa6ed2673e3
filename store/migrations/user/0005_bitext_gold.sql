-- Word links that a person drew for pairs of a bitext, as Pharaoh text counted from 0 (`i-j` sure, `ipj` possible),
-- words parted by spaces.
CREATE TABLE bitext_gold (
    bitext_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    links VARCHAR NOT NULL,
    PRIMARY KEY (bitext_id, number)
);
