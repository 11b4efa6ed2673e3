CREATE TABLE plans (
    run_id VARCHAR NOT NULL,
    plan_id VARCHAR NOT NULL,
    layer INTEGER NOT NULL,
    source_language VARCHAR NOT NULL,
    target_language VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    tokens_source INTEGER NOT NULL,
    tokens_target INTEGER NOT NULL,
    epsilon DOUBLE NOT NULL,
    cost DOUBLE NOT NULL,
    entropy DOUBLE NOT NULL,
    kept_mass DOUBLE NOT NULL,
    threshold DOUBLE NOT NULL,
    PRIMARY KEY (run_id, plan_id)
);

-- The cells above the plan's threshold; `kept_mass` beside the plan says how much of it they hold.
CREATE TABLE plan_cells (
    run_id VARCHAR NOT NULL,
    plan_id VARCHAR NOT NULL,
    i INTEGER NOT NULL,
    j INTEGER NOT NULL,
    mass FLOAT NOT NULL
);
