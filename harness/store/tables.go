package store

// tables are those of version 3. Times are nanoseconds since 1970, durations
// seconds. A record is its JSON, compressed by gzip; the other columns of records
// and all of runs follow from it, and are apart for speed. A checksum is that of the
// columns before it. Another meaning of any column is another version.
//
// series is the same for runs of one configuration, whatever was built or exported
// anew: a trend follows it. twin is the same for runs in which nothing known
// differs, whose times differ by noise alone. notices are what those of the graph are
// about, such as callbacks, joined by a comma and a space.
const tables = `
CREATE TABLE records (
 id       TEXT PRIMARY KEY NOT NULL,
 started  INTEGER NOT NULL,
 kind     TEXT NOT NULL,
 status   TEXT NOT NULL,
 labels   TEXT NOT NULL,
 launches INTEGER NOT NULL,
 text     BLOB NOT NULL,
 checksum TEXT NOT NULL
);
CREATE INDEX records_started ON records (started);
CREATE TABLE runs (
 record     TEXT NOT NULL REFERENCES records (id) ON DELETE CASCADE,
 position   INTEGER NOT NULL,
 graph      TEXT NOT NULL,
 side       TEXT NOT NULL,
 title      TEXT NOT NULL,
 hostname   TEXT NOT NULL,
 machine    TEXT NOT NULL,
 series     TEXT NOT NULL,
 twin       TEXT NOT NULL,
 launches   INTEGER NOT NULL,
 median     REAL,
 low        REAL,
 high       REAL,
 notices    TEXT NOT NULL,
 PRIMARY KEY (record, position)
) WITHOUT ROWID;
CREATE INDEX runs_graph ON runs (graph, record);
CREATE INDEX runs_machine ON runs (machine, twin);
CREATE TABLE tags (
 name     TEXT PRIMARY KEY NOT NULL,
 record   TEXT NOT NULL REFERENCES records (id) ON DELETE CASCADE,
 checksum TEXT NOT NULL
);
CREATE INDEX tags_record ON tags (record);
CREATE TABLE noise (
 machine  TEXT NOT NULL,
 kind     TEXT NOT NULL,
 measured INTEGER NOT NULL,
 value    REAL NOT NULL,
 checksum TEXT NOT NULL,
 PRIMARY KEY (machine, kind, measured)
);
`
