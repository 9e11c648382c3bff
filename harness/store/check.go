package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"epochtime/harness/record"
)

// Problem is something that is wrong with a history.
type Problem struct {
	What string // is wrong with it
	Of   string // what it is, such as a record with its id; empty: the file

	remove string // statement that removes it; empty: nothing does
	args   []any
}

// Removable reports whether RemoveDamaged removes it.
func (p Problem) Removable() bool { return p.remove != "" }

func (p Problem) String() string {
	if p.Of == "" {
		return p.What
	}
	return p.Of + ": " + p.What
}

// Checked is what Check has found.
type Checked struct {
	Records, Tags, Noise int // rows
	Problems             []Problem
}

// Check verifies all of the history: the file, the checksum of each row, that each
// record can be read and is valid, that the columns beside it are what it says, and
// that tags and runs are of records that are there. The error is one of reading the
// file at all.
func (s *Store) Check() (*Checked, error) {
	tx, err := s.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true}) // so that all of it is of one moment
	if err != nil {
		return nil, s.failed("reading", err)
	}
	defer tx.Rollback() // nothing was changed
	return s.check(tx), nil
}

// RemoveDamaged removes all that Check would name and can be removed, and returns it.
func (s *Store) RemoveDamaged() ([]Problem, error) {
	var removed []Problem
	err := s.change(func(tx *sql.Tx) error {
		for _, p := range s.check(tx).Problems {
			if !p.Removable() {
				continue
			}
			if _, err := tx.Exec(p.remove, p.args...); err != nil {
				return err
			}
			removed = append(removed, p)
		}
		return nil
	})
	if err != nil || len(removed) == 0 {
		return nil, s.failed("writing", err)
	}
	return removed, s.shrink()
}

// checker collects problems.
type checker struct {
	tx *sql.Tx
	Checked
}

func (s *Store) check(tx *sql.Tx) *Checked {
	c := &checker{tx: tx}
	c.each("the file", "PRAGMA integrity_check", 1, func(row []any) {
		if row[0] != "ok" {
			c.add(Problem{What: fmt.Sprint(row[0])})
		}
	})
	c.each("its records", "SELECT rowid, checksum, "+recordColumns+" FROM records ORDER BY started, rowid", 9, func(row []any) {
		c.Records++
		if err := s.checkRecord(tx, row[1], row[2:]); err != nil {
			c.add(Problem{err.Error(), "record " + named(row[2]), "DELETE FROM records WHERE rowid = ?", row[:1]})
		}
	})
	const astray = "FROM runs WHERE record NOT IN (SELECT id FROM records)"
	c.each("its runs", "SELECT record "+astray, 1, func(row []any) {
		c.add(Problem{"its record is missing", "run of " + named(row[0]), "DELETE " + astray, nil}) // all of them at once
	})
	c.each("its tags", "SELECT rowid, checksum, name, record, record IN (SELECT id FROM records) FROM tags ORDER BY rowid", 5, func(row []any) {
		c.Tags++
		if what := wrongTag(row[1], row[2], row[3], row[4] == int64(1)); what != "" {
			c.add(Problem{what, "tag " + named(row[2]), "DELETE FROM tags WHERE rowid = ?", row[:1]})
		}
	})
	c.each("its noise", "SELECT rowid, checksum, machine, kind, measured, value FROM noise ORDER BY rowid", 6, func(row []any) {
		c.Noise++
		if what := wrongNoise(row[1], row[2:]); what != "" {
			c.add(Problem{what, "noise of machine " + named(row[2]), "DELETE FROM noise WHERE rowid = ?", row[:1]})
		}
	})
	return &c.Checked
}

func (c *checker) add(p Problem) { c.Problems = append(c.Problems, p) }

// each calls do with each row of a query. What cannot be read is a problem too.
func (c *checker) each(what, query string, columns int, do func(row []any)) {
	all, err := rowsOf(c.tx, query, columns)
	for _, row := range all {
		do(row)
	}
	if err != nil {
		c.add(Problem{What: fmt.Sprintf("%s cannot be read whole: %v", what, err)})
	}
}

// rowsOf returns the rows of a query, of any types.
func rowsOf(q querier, query string, columns int, args ...any) ([][]any, error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]any
	for rows.Next() {
		row := make([]any, columns)
		if err := rows.Scan(pointers(row)...); err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// checkRecord returns what is wrong with the row of a record and those of its runs.
func (s *Store) checkRecord(tx *sql.Tx, sum any, row []any) error {
	text, ok := sum.(string)
	if !ok {
		return errors.New("it has no checksum")
	}
	r, err := restore(row, text)
	if err != nil {
		return err
	}
	if err := s.checkTime(r); err != nil {
		return err
	}
	want, err := recordRow(r, row[len(row)-1].([]byte)) // else restore fails
	if err == nil {
		err = sameColumns(recordColumns, row, want)
	}
	if err != nil {
		return err
	}
	runs, err := rowsOf(tx, "SELECT "+runColumns+" FROM runs WHERE record = ? ORDER BY position", strings.Count(runColumns, ",")+1, r.ID)
	if err != nil {
		return err
	}
	if len(runs) != len(r.Runs) {
		return fmt.Errorf("the history lists %d runs of it, and it has %d", len(runs), len(r.Runs))
	}
	for i := range runs {
		want, err := runRow(r, i)
		if err == nil {
			err = sameColumns(runColumns, runs[i], want)
		}
		if err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	return nil
}

// sameColumns returns an error for the first column that is not what the record says.
func sameColumns(names string, got, want []any) error {
	for i, name := range strings.Split(names, ", ") {
		if !reflect.DeepEqual(got[i], want[i]) {
			return fmt.Errorf("its column %s is %s, and the record says %s", name, named(got[i]), named(want[i]))
		}
	}
	return nil
}

// wrongTag returns what is wrong with a tag, empty if nothing is.
func wrongTag(sum, name, id any, kept bool) string {
	text, ok := name.(string)
	switch {
	case !ok || !tagPattern.MatchString(text):
		return ErrTag.Error()
	case !kept:
		return "its record " + named(id) + " is missing"
	case sum != checksum(name, id):
		return "its checksum is another one"
	}
	return ""
}

// wrongNoise returns what is wrong with the noise of a machine, empty if nothing is.
func wrongNoise(sum any, row []any) string {
	value, ok := row[3].(float64)
	switch {
	case row[1] != NoiseEpochs && row[1] != NoiseLaunches || !ok || !(value >= 0) || math.IsInf(value, 0):
		return fmt.Sprintf("%s of %v is not noise", named(row[1]), row[3])
	case sum != checksum(row...):
		return "its checksum is another one"
	}
	return ""
}

// named is a value of a row, quoted where it is not plain.
func named(value any) string {
	switch v := value.(type) {
	case string:
		if record.IsID(v) {
			return v
		}
		return fmt.Sprintf("%.80q", v)
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	case nil:
		return "nothing"
	}
	return fmt.Sprint(value)
}
