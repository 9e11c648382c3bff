package store

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"epochtime/harness/record"
)

// Errors of choosing records. ErrNone: no record is the one asked for, or several
// are. ErrDamaged: what is kept of a record cannot be read; Remove removes it.
var (
	ErrNone    = errors.New("no such record")
	ErrDamaged = errors.New("the record is damaged")
)

// Get returns the record with an id, which may be shortened to the beginning of
// that id alone. The error is ErrNone where no id or several begin so.
func (s *Store) Get(id string) (*record.Record, error) {
	whole, err := s.Resolve(id)
	if err != nil {
		return nil, err
	}
	r, err := read(s.db, whole)
	return r, s.failed("reading", err)
}

// read returns the record with a whole id. The error is sql.ErrNoRows if there is
// none, and an ErrDamaged if it is not as it was kept.
func read(q querier, id string) (*record.Record, error) {
	row := make([]any, 7)
	var sum string
	err := q.QueryRow("SELECT "+recordColumns+", checksum FROM records WHERE id = ?", id).Scan(append(pointers(row), &sum)...)
	if err != nil {
		return nil, err
	}
	r, err := restore(row, sum)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w: %w", id, ErrDamaged, err)
	}
	return r, nil
}

// restore returns the record of a row, which has to be as it was kept.
func restore(row []any, sum string) (*record.Record, error) {
	if checksum(row...) != sum {
		return nil, errors.New("its checksum is another one")
	}
	text, _ := row[len(row)-1].([]byte) // else unpack fails
	return unpack(text)
}

// pointers returns where to scan a row of any types.
func pointers(row []any) []any {
	out := make([]any, len(row))
	for i := range row {
		out[i] = &row[i]
	}
	return out
}

// Resolve returns the whole id that begins with id.
func (s *Store) Resolve(id string) (string, error) {
	if !record.IsID(id) {
		return "", fmt.Errorf("%w: %q is not an id", ErrNone, id)
	}
	found, err := s.ids("SELECT id FROM records WHERE id = ?1 OR substr(id, 1, length(?1)) = ?1 ORDER BY id <> ?1, id LIMIT 3", id)
	switch {
	case err != nil:
		return "", s.failed("reading", err)
	case len(found) == 0:
		return "", fmt.Errorf("%w: no id in %s begins with %s", ErrNone, s.path, id)
	case len(found) > 1 && found[0] != id:
		return "", fmt.Errorf("%w: several ids begin with %s, as %s and %s do: give more of it", ErrNone, id, found[0], found[1])
	}
	return found[0], nil
}

func (s *Store) ids(query string, args ...any) ([]string, error) {
	rows, err := s.db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

var lastPattern = regexp.MustCompile(`^@last(?:~([0-9]{1,9}))?$`)

// Select returns the record that an expression names: @last is the one that began
// last, @last~2 the second before it, @tag:NAME the one with this tag, and @ID the
// one with this id, which may be shortened. The error is ErrNone where there is no
// such record.
func (s *Store) Select(expr string) (*record.Record, error) {
	if m := lastPattern.FindStringSubmatch(expr); m != nil {
		back, _ := strconv.Atoi("0" + m[1]) // the pattern lets only numbers through
		return s.selectOne(expr, "SELECT id FROM records ORDER BY started DESC, id LIMIT 1 OFFSET ?", back)
	}
	if name, ok := strings.CutPrefix(expr, "@tag:"); ok {
		return s.selectOne(expr, "SELECT record FROM tags WHERE name = ?", name)
	}
	id, ok := strings.CutPrefix(expr, "@")
	if !ok {
		return nil, fmt.Errorf("%w: %q does not begin with @, as in @last, @last~1, @tag:main and @ID", ErrNone, expr)
	}
	return s.Get(id)
}

func (s *Store) selectOne(expr, query string, arg any) (*record.Record, error) {
	found, err := s.ids(query, arg)
	switch {
	case err != nil:
		return nil, s.failed("reading", err)
	case len(found) == 0:
		return nil, fmt.Errorf("%w: %s names nothing in the history %s", ErrNone, expr, s.path)
	}
	return s.Get(found[0])
}

var tagPattern = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_./+-]{0,99}$`)

// ErrTag: the name of a tag is not allowed.
var ErrTag = errors.New("a tag is letters, digits and _ . / + -, at most 100 of them")

// Tag gives a record a name. It moves a tag that another record had.
func (s *Store) Tag(id, name string) error {
	if !tagPattern.MatchString(name) {
		return fmt.Errorf("tag %q: %w", name, ErrTag)
	}
	whole, err := s.Resolve(id)
	if err != nil {
		return err
	}
	return s.failed("writing", s.change(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO tags VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET record = excluded.record, checksum = excluded.checksum",
			name, whole, checksum(name, whole))
		return err
	}))
}

// Untag removes a tag. The error is ErrNone where there is no such tag.
func (s *Store) Untag(name string) error {
	return s.failed("writing", s.change(func(tx *sql.Tx) error {
		result, err := tx.Exec("DELETE FROM tags WHERE name = ?", name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%w: no record has the tag %q", ErrNone, name))
		}
		return nil
	}))
}

// Remove removes records by their whole ids, with their tags, and gives their room
// back to the disk.
func (s *Store) Remove(ids []string) error {
	err := s.change(func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec("DELETE FROM records WHERE id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
		return s.failed("writing", err)
	}
	return s.shrink()
}

// shrink gives the room of what was removed back to the disk.
func (s *Store) shrink() error {
	_, err := s.db.Exec("VACUUM")
	return s.failed("shrinking", err)
}
