package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Verify hashes the graph's files and its manifest's meaning and compares the
// result with the manifest's sha256, and the arrays of pipelines with theirs. It
// returns an error that wraps ErrDamaged where they differ.
func (m *Manifest) Verify() error {
	if m == nil {
		return errNil
	}
	got, err := Hash(m.Dir)
	if err != nil {
		return fmt.Errorf("%w: export %s again", err, m.Name)
	}
	if got != m.SHA256 {
		return fmt.Errorf("%w: %s: saved_model.pb, variables or %s changed since the export (sha256 %.12s…, the manifest says %.12s…): export %s again",
			ErrDamaged, m.Dir, ManifestName, got, m.SHA256, m.Name)
	}
	return m.verifyArrays()
}

// Hash computes the identity of the graph in dir, as docs/graph-format.md
// defines it.
func Hash(dir string) (string, error) {
	names := []string{"saved_model.pb"}
	entries, err := os.ReadDir(filepath.Join(dir, "variables"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, e := range entries {
		names = append(names, "variables/"+e.Name())
	}
	slices.Sort(names)

	sum := sha256.New()
	for _, name := range names {
		if err := hashFile(sum, dir, name); err != nil {
			return "", fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	meaning, err := meaningOf(text)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %v", ErrDamaged, filepath.Join(dir, ManifestName), err)
	}
	fmt.Fprintf(sum, "%s %d\n", ManifestName, len(meaning))
	sum.Write(meaning)
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func hashFile(w io.Writer, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "hash", Path: f.Name(), Err: fs.ErrInvalid}
	}
	fmt.Fprintf(w, "%s %d\n", name, info.Size())
	_, err = io.Copy(w, f)
	return err
}

// meaningOf returns the part of a manifest that says what the graph is, in one
// canonical form. Numbers keep the digits they are written with.
func meaningOf(manifest []byte) ([]byte, error) {
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(manifest))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"name", "sha256", "parity", "made_with", "weights", "missing", "script", "notices", "origin"} {
		delete(fields, name)
	}
	if data, ok := fields["data"].(map[string]any); ok {
		delete(data, "path")
	}
	for _, name := range []string{"pipeline", "validation"} {
		if pipeline, ok := fields[name].(map[string]any); ok {
			delete(pipeline, "files")
			delete(pipeline, "losses")
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(fields); err != nil {
		return nil, err
	}
	return unescape(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}

var escape = regexp.MustCompile(`\\(u202[89]|.)`)

// unescape writes U+2028 and U+2029 as they are, which encoding/json never does.
func unescape(text []byte) []byte {
	return escape.ReplaceAllFunc(text, func(found []byte) []byte {
		switch string(found) {
		case `\u2028`:
			return []byte("\u2028")
		case `\u2029`:
			return []byte("\u2029")
		}
		return found
	})
}
