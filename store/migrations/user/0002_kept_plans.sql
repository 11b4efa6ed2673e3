-- A pair and its settings that a person kept under a name; `settings` is JSON text, all that the link needs.
CREATE TABLE kept_views (
    view_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL UNIQUE,
    kept TIMESTAMP NOT NULL,
    settings VARCHAR NOT NULL
);

-- Its plans, one an arm: everything that draws it again, even where the run is gone. Words and links are JSON text.
CREATE TABLE kept_plans (
    view_id VARCHAR NOT NULL,
    place INTEGER NOT NULL,
    label VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    layer INTEGER NOT NULL,
    source_words VARCHAR NOT NULL,
    target_words VARCHAR NOT NULL,
    source_mass VARCHAR NOT NULL,
    target_mass VARCHAR NOT NULL,
    links VARCHAR NOT NULL,
    cost DOUBLE NOT NULL,
    entropy DOUBLE NOT NULL,
    kept_mass DOUBLE NOT NULL,
    threshold DOUBLE NOT NULL,
    PRIMARY KEY (view_id, place)
);

-- The cells above the plan's threshold; `kept_mass` beside the plan says how much of it they hold.
CREATE TABLE kept_plan_cells (
    view_id VARCHAR NOT NULL,
    place INTEGER NOT NULL,
    i INTEGER NOT NULL,
    j INTEGER NOT NULL,
    mass DOUBLE NOT NULL
);
