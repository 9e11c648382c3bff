package store

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"epochtime/harness/record"
)

// Errors of adding records. ErrConflict: another record of the same id is kept, and
// neither continues the other. ErrTime: a record began when none can have begun.
var (
	ErrConflict = errors.New("another record of this id is kept")
	ErrTime     = errors.New("that is no time at which it can have begun")
)

// Add keeps a record. A record that is there already is replaced if the new one is
// its continuation, as after an interruption; if it is the same or an earlier state,
// nothing changes. Other errors than those of the file are ErrConflict, ErrTime,
// ErrDamaged for the record that is there, and those of record.Validate.
func (s *Store) Add(r *record.Record) error {
	_, err := s.Import(r)
	return err
}

// Import is Add, and reports whether the history changed.
func (s *Store) Import(r *record.Record) (bool, error) {
	r, text, err := s.accept(r)
	if err != nil {
		return false, fmt.Errorf("keeping a record: %w", err)
	}
	added := false
	err = s.change(func(tx *sql.Tx) error {
		newer, err := supersedes(tx, r)
		if err != nil || !newer {
			return err
		}
		added = true
		return insert(tx, r, text)
	})
	return added && err == nil, s.failed("writing", err)
}

// accept returns a record as it will be read again, and its packed form. What check
// would complain of is not accepted.
func (s *Store) accept(r *record.Record) (*record.Record, []byte, error) {
	if err := r.Validate(); err != nil {
		return nil, nil, err
	}
	text, err := pack(r)
	if err != nil {
		return nil, nil, err
	}
	if r, err = unpack(text); err != nil {
		return nil, nil, err
	}
	return r, text, s.checkTime(r)
}

// earliest is before this program was.
var earliest = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

// checkTime returns an ErrTime for a record that began before there were any, or
// more than a day from now, by which clocks and time zones differ at most.
func (s *Store) checkTime(r *record.Record) error {
	if r.Started.Before(earliest) || r.Started.After(s.now().Add(24*time.Hour)) {
		return fmt.Errorf("it began %s: %w: set the clock of its machine, and correct the record", r.Started.Format(time.RFC3339), ErrTime)
	}
	return nil
}

func pack(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(r.Write(z), z.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func unpack(text []byte) (*record.Record, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return record.Read(z)
}

// supersedes reports whether the record is new or continues what is kept.
func supersedes(tx *sql.Tx, r *record.Record) (bool, error) {
	kept, err := read(tx, r.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return continues(r, kept)
}

func count(r *record.Record) int {
	n := 0
	for _, run := range r.Runs {
		n += len(run.Launches)
	}
	return n
}

// insert writes a record and its runs in place of what had its id.
func insert(tx *sql.Tx, r *record.Record, text []byte) error {
	row, err := recordRow(r, text)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM runs WHERE record = ?", r.ID); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO records ("+recordColumns+", checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"+`
ON CONFLICT (id) DO UPDATE SET status = excluded.status, labels = excluded.labels, launches = excluded.launches, text = excluded.text, checksum = excluded.checksum`,
		append(row, checksum(row...))...)
	for i := 0; i < len(r.Runs) && err == nil; i++ {
		err = insertRun(tx, r, i)
	}
	return err
}

func insertRun(tx *sql.Tx, r *record.Record, position int) error {
	row, err := runRow(r, position)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO runs ("+runColumns+") VALUES (?"+strings.Repeat(", ?", len(row)-1)+")", row...)
	return err
}
