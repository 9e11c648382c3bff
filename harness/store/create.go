package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"epochtime/internal/atomicfile"
	"epochtime/internal/lockfile"
)

// create makes the file of a history if there is none, and its folder. The file gets
// its name when its tables are in it: SQLite would make an empty one first, which a
// program that is killed leaves behind, and which looks like a history that was lost.
func create(path string) error {
	path = atomicfile.Resolve(path)
	if there(path) {
		return nil
	}
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = createAlone(path)
	}
	if err != nil {
		return fmt.Errorf("making the history %s: %w: check its folder, or use another file", path, err)
	}
	return nil
}

// there reports whether something has this name.
func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// createAlone makes the file while no other program does.
func createAlone(path string) error {
	const pause = 5 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		l, err := lockfile.Take(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"))
		switch {
		case errors.Is(err, lockfile.ErrHeld) && waited < patience*time.Millisecond:
			time.Sleep(pause)
			continue
		case errors.Is(err, errors.ErrUnsupported): // without locks
		case err != nil:
			return err
		default:
			defer l.Release()
		}
		if there(path) {
			return nil
		}
		atomicfile.Clean(filepath.Dir(path), func(name string) bool { return name == filepath.Base(path) })
		content, err := emptyHistory()
		if err != nil {
			return err
		}
		return atomicfile.WriteFile(path, content)
	}
}

// emptyHistory returns the content of the file of a history without records.
func emptyHistory() ([]byte, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background()) // each connection has a memory of its own
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), tables+mark); err != nil {
		return nil, err
	}
	var content []byte
	err = conn.Raw(func(driver any) error {
		s, ok := driver.(interface{ Serialize() ([]byte, error) })
		if !ok {
			return errors.New("this SQLite cannot serialize")
		}
		content, err = s.Serialize()
		return err
	})
	return content, err
}
