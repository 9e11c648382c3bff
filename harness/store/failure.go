package store

import (
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// failed wraps an error of SQLite with what failed, on which file, and what to do.
// It returns nil for nil.
func (s *Store) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s the history %s: %w%s", doing, s.path, err, s.advice(err))
}

// advice returns what to do about an error of SQLite, by its primary code.
func (s *Store) advice(err error) string {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Sprintf(": another program keeps it locked for more than %v: end that one, or try again later", time.Duration(s.patience)*time.Millisecond)
	case sqlite3.SQLITE_READONLY:
		return ": it can be read and not written: change its permissions, or use another file"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ": it is damaged or no history; it is left as it is: move it away, bring back a copy, or use another file"
	case sqlite3.SQLITE_FULL:
		return ": make room on its disk; what was kept before is still there"
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return ": it cannot be opened: check its folder and permissions, or use another file"
	case sqlite3.SQLITE_IOERR:
		return ": its disk fails or is full; what was kept before is still there"
	}
	return ""
}
