package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"epochtime/harness/record"
	"epochtime/internal/atomicfile"
	"epochtime/internal/filehash"
)

// Seal is the list of what was sealed. Hashes are SHA-256 in hexadecimal.
type Seal struct {
	Graph  string            `json:"graph"`
	Commit string            `json:"commit"`
	Worker string            `json:"worker_sha256"`
	Tool   string            `json:"tool_sha256"` // the epochtime that sealed it
	Files  map[string]string `json:"files"`       // of the graph's folder, by path with slashes
	Config record.Config     `json:"config"`      // the settings that both sides of a night use
}

// Build is a build of one graph that is to be sealed.
type Build struct {
	Graph  string // name
	Folder string // of the graph
	Worker string // path of the program
	Tool   string // path of the running epochtime
	Commit string
	Config record.Config // resolved
}

const (
	sealFile    = "seal.json"
	graphFolder = "graph"
)

// Seal copies a build into the store and returns the name of its seal. It is not a
// baseline until Decide gives it a role.
func (s *Store) Seal(b Build) (string, error) {
	seal, err := s.seal(b)
	if err != nil {
		return "", fmt.Errorf("sealing the build of %s: %w", b.Graph, err)
	}
	return seal, nil
}

func (s *Store) seal(b Build) (string, error) {
	b.Config.Worker, b.Config.Env = nil, nil
	list := Seal{Graph: b.Graph, Commit: b.Commit, Config: b.Config}
	var err error
	if list.Worker, err = s.copyWorker(b.Worker); err != nil {
		return "", err
	}
	if list.Tool, err = filehash.Sum(b.Tool); err != nil {
		return "", err
	}
	temporary := s.sealed(".new")
	if err := errors.Join(os.RemoveAll(temporary), os.MkdirAll(temporary, 0o755)); err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary) // gone after the rename
	folder := filepath.Join(temporary, graphFolder, b.Graph)
	if err := os.CopyFS(folder, os.DirFS(b.Folder)); err != nil {
		return "", err
	}
	if list.Files, err = hashFolder(folder); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(temporary, sealFile), text, 0o666); err != nil {
		return "", err
	}
	seal := hashOf(text)
	if _, err := readSeal(s.sealed(seal), seal); err == nil && verifyFolder(filepath.Join(s.sealed(seal), graphFolder, b.Graph), list.Files) == nil {
		return seal, nil // it may be the good one: removing it, even for a moment, could lose that
	}
	if err := os.RemoveAll(s.sealed(seal)); err != nil {
		return "", err
	}
	return seal, os.Rename(temporary, s.sealed(seal))
}

// copyWorker copies a program under the name of its hash.
func (s *Store) copyWorker(path string) (hash string, err error) {
	if hash, err = filehash.Sum(path); err != nil {
		return "", err
	}
	to := s.build(hash)
	if verifyFile(to, hash) == nil {
		return hash, nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return "", err
	}
	from, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	err = atomicfile.Write(to, func(f *os.File) error {
		_, err := io.Copy(f, from)
		return errors.Join(err, f.Chmod(0o755))
	})
	if err != nil {
		return "", err
	}
	return hash, verifyFile(to, hash) // it may have been built again meanwhile
}

// readSeal reads the list of a seal.
func readSeal(dir, seal string) (Seal, error) {
	var list Seal
	path := filepath.Join(dir, sealFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return list, fmt.Errorf("%w: %s is missing: put it back, or accept a build", ErrGone, path)
	case err != nil:
		return list, fmt.Errorf("reading a sealed build: %w", err)
	case hashOf(text) != seal:
		return list, altered(path)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return list, fmt.Errorf("%w: %s: %w", ErrAltered, path, err)
	}
	return list, nil
}

func altered(path string) error {
	return fmt.Errorf("%w: %s is not what was sealed: put it back, or accept a build", ErrAltered, path)
}

// verifyFile returns nil if a file has a hash, ErrGone or ErrAltered.
func verifyFile(path, want string) error {
	got, err := filehash.Sum(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s is missing: put it back, or accept a build", ErrGone, path)
	case err != nil:
		return fmt.Errorf("verifying a sealed build: %w", err)
	case got != want:
		return altered(path)
	}
	return nil
}

// verifyFolder returns nil if a folder has exactly these files.
func verifyFolder(dir string, want map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if err := verifyFile(filepath.Join(dir, filepath.FromSlash(name)), want[name]); err != nil {
			return err
		}
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if _, known := want[filepath.ToSlash(name)]; err == nil && !known {
			return altered(path)
		}
		return err
	})
}

func hashFolder(dir string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			out[filepath.ToSlash(name)], err = filehash.Sum(path)
		}
		return err
	})
	return out, err
}

func hashOf(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func isHash(text string) bool {
	b, err := hex.DecodeString(text)
	return err == nil && len(b) == sha256.Size
}

// Prune removes what no role needs any more: seals, programs and records. After Restart
// it removes nothing, because the ledger that is missing may come back.
func (s *Store) Prune() error {
	if s.restarted {
		return nil
	}
	var seals, builds, records []string
	for _, role := range []Role{Good, Anchor, Tonight} {
		for _, graph := range s.Graphs(role) {
			e, _ := s.Last(role, graph)
			seals, records = append(seals, e.Seal), append(records, e.Record)
			list, err := readSeal(s.sealed(e.Seal), e.Seal)
			if err != nil {
				return nil // what a damaged one needs is not known
			}
			builds = append(builds, list.Worker)
		}
	}
	return errors.Join(s.removeOthers("sealed", seals), s.removeOthers("builds", builds), s.removeOthers("records", records))
}

func (s *Store) removeOthers(folder string, keep []string) error {
	list, err := os.ReadDir(filepath.Join(s.dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing sealed builds that are not needed: %w", err)
	}
	for _, entry := range list {
		if !slices.ContainsFunc(keep, func(hash string) bool { return short(hash) == entry.Name() }) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, folder, entry.Name())))
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
