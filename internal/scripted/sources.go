package scripted

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Source is a file that an export read, or a folder whose names it read.
type Source struct {
	Path          string
	Large, Folder bool
}

// ListSources writes the list of what an export read, as pygen does if it is asked to.
func ListSources(list string, sources []Source) error {
	if list == "" {
		return nil
	}
	entries := []map[string]any{}
	for _, s := range sources {
		entry, err := s.entry()
		if err != nil {
			return err
		}
		if entry["path"], err = filepath.Abs(s.Path); err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	text, err := json.Marshal(entries)
	return errors.Join(err, os.WriteFile(list, text, 0o644))
}

// entry returns what shows a change of the source.
func (s Source) entry() (map[string]any, error) {
	hash := func(text []byte) string {
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:])
	}
	switch {
	case s.Large:
		info, err := os.Stat(s.Path)
		if err != nil {
			return nil, err
		}
		return map[string]any{"bytes": info.Size(), "modified": info.ModTime().UTC().Format(time.RFC3339Nano)}, nil
	case s.Folder:
		entries, err := os.ReadDir(s.Path)
		var names strings.Builder
		for _, e := range entries {
			fmt.Fprintln(&names, e.Name())
		}
		return map[string]any{"listing": hash([]byte(names.String()))}, err
	}
	text, err := os.ReadFile(s.Path)
	return map[string]any{"sha256": hash(text)}, err
}
