// Package store keeps the history: whole records in one SQLite file, with columns
// to list and look them up.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// version is that of the tables. A database of a later one is not touched.
const version = 3

// application marks the file as a history of epochtime (PRAGMA application_id).
const application = 0x45706f63 // "Epoc"

// mark makes a database a history of this version.
var mark = fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", application, version)

// Store is a history in a file. It is safe for concurrent use, also by several
// processes: each change is one transaction that takes the write lock first.
type Store struct {
	db       *sql.DB
	path     string
	patience int // milliseconds
	now      func() time.Time
}

// patience is how long to wait for another program's lock, in milliseconds.
const patience = 10_000

// The rollback journal is kept, since a write-ahead log does not work on network
// file systems, where home folders often are (sqlite.org/wal.html).
var pragmas = []string{"foreign_keys(1)", "synchronous(FULL)"}

// Open opens the history in a file, and makes the file and its folder if they are
// missing. A file that may not be written can still be read. A file that is empty or
// damaged, is no history, or was written by another version is left as it is: that
// is an error.
func Open(path string) (*Store, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("opening the history %s: %w", path, err)
	}
	switch size := info.Size(); {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("opening the history %s: it is not a regular file: use another one", path)
	case size == 0: // which SQLite takes for a new one
		return nil, fmt.Errorf("opening the history %s: %w: bring back a copy of it; or remove the file, and a new history begins", path, ErrEmpty)
	case size < shortest: // which SQLite would overwrite
		return nil, fmt.Errorf("opening the history %s: it has %d bytes and is damaged or no history; it is left as it is: move it away, or use another file", path, size)
	}
	mode := "rw"
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
		f.Close()
	} else {
		mode = "ro"
	}
	return open(path, mode, patience)
}

// ErrEmpty means that the file of a history is empty, as after a cut; this program
// leaves no such file.
var ErrEmpty = errors.New("it is empty, and what it held is gone")

// shortest is the size of the smallest database, one page.
const shortest = 512

// open opens an existing file with a mode of SQLite's: rw or ro.
func open(path, mode string, patience int) (*Store, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("opening the history %s: %w", path, err)
	}
	query := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", patience)}}
	query["_pragma"] = append(query["_pragma"], pragmas...)
	name := filepath.ToSlash(whole)
	if name[0] != '/' { // C:/…
		name = "/" + name
	}
	if err := register(); err != nil {
		return nil, fmt.Errorf("opening the history %s: %w", path, err)
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: name, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening the history %s: %w", path, err)
	}
	s := &Store{db: db, path: path, patience: patience, now: time.Now}
	if err := s.prepare(); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the use of the file.
func (s *Store) Close() error { return s.db.Close() }

// Path returns the file as it was named to Open.
func (s *Store) Path() string { return s.path }

// prepare makes the tables of a new file, and returns an error for a file that is
// no history.
func (s *Store) prepare() error {
	have, app, tables, err := s.identify(s.db)
	switch {
	case err != nil:
		return s.failed("opening", err)
	case app == application && have == version:
		return nil
	case app == application && have > version:
		return fmt.Errorf("the history %s is of version %d, this program knows %d: use a later epochtime or another file; it is left as it is", s.path, have, version)
	case app == application:
		return fmt.Errorf("the history %s is of version %d, this program writes %d: export its records with the epochtime that wrote it, and import them into another file; it is left as it is", s.path, have, version)
	case app != 0 || have != 0 || tables != 0:
		return fmt.Errorf("%s is a database, and no history of epochtime: use another file; it is left as it is", s.path)
	}
	return s.failed("making", s.change(s.makeTables))
}

// querier is a database or a transaction.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// identify reads the version, the application and the number of tables of a file,
// in one statement: another program may be making the tables.
func (s *Store) identify(q querier) (have, app, tables int, err error) {
	err = q.QueryRow("SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id").
		Scan(&have, &app, &tables)
	return have, app, tables, err
}

// makeTables makes the tables, unless another program has just done so.
func (s *Store) makeTables(tx *sql.Tx) error {
	_, app, _, err := s.identify(tx)
	if err != nil || app == application {
		return err
	}
	_, err = tx.Exec(tables + mark)
	return err
}

// change runs do in a transaction. It holds the write lock from the start, so what
// do reads stays valid.
func (s *Store) change(do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // on a full disk SQLite itself has done so
		return err
	}
	return tx.Commit()
}
