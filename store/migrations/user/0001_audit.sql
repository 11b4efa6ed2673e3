-- What people did that changed something: when (UTC), the kind of act, and its particulars.
CREATE TABLE audit (
    "at" TIMESTAMP NOT NULL,
    what VARCHAR NOT NULL,
    detail VARCHAR NOT NULL
);
