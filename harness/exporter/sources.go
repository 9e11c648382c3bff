package exporter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"epochtime/harness/graph"
	"epochtime/internal/filehash"
)

// source is a file or folder that an export read, with one of three things that show
// a change: a hash of its content, the size and time of a large file, or a hash of
// the names in a folder.
type source struct {
	Path     string `json:"path"`
	SHA256   string `json:"sha256,omitempty"`
	Bytes    *int64 `json:"bytes,omitempty"`
	Modified string `json:"modified,omitempty"` // RFC 3339, with nanoseconds
	Listing  string `json:"listing,omitempty"`
}

// check returns an error unless the source has exactly one of the three.
func (s source) check() error {
	has := 0
	for _, given := range []bool{s.SHA256 != "", s.Bytes != nil && s.Modified != "", s.Listing != ""} {
		if given {
			has++
		}
	}
	if has != 1 || s.Path == "" || (s.Bytes != nil) != (s.Modified != "") {
		return fmt.Errorf("the source %q does not have one of sha256, bytes with modified, and listing", s.Path)
	}
	return nil
}

// unchanged reports whether the file or folder is what it was. The source has passed
// check.
func (s source) unchanged() bool {
	switch {
	case s.SHA256 != "":
		sum, err := filehash.Sum(s.Path)
		return err == nil && sum == s.SHA256
	case s.Listing != "":
		sum, err := listing(s.Path)
		return err == nil && sum == s.Listing
	}
	return graph.File{Path: s.Path, Bytes: *s.Bytes, Modified: s.Modified}.Verify() == nil
}

// listing returns a hash of the names in a folder: sorted, each on a line.
func listing(dir string) (string, error) {
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		return "", err
	}
	all := sha256.New()
	for _, e := range entries {
		fmt.Fprintln(all, e.Name())
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// sourcesUnchanged reports whether all that a list names is what it was.
func sourcesUnchanged(list string) bool {
	sources, err := readSources(list)
	return err == nil && !slices.ContainsFunc(sources, func(s source) bool { return !s.unchanged() })
}

// readSources returns the sources that a list names, sorted by path.
func readSources(path string) ([]source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []source
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, s := range out {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	slices.SortFunc(out, func(a, b source) int { return strings.Compare(a.Path+"\x00"+a.Listing, b.Path+"\x00"+b.Listing) })
	return out, nil
}
