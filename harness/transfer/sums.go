package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"epochtime/internal/atomicfile"
	"epochtime/internal/filehash"
)

// Sums keeps hashes of files, so that a file is read again only once its size or time has
// changed. It is for concurrent use. A nil Sums keeps nothing.
type Sums struct {
	// Folder keeps them for later processes; empty: nothing does. What cannot be written
	// is found anew.
	Folder string

	mu    sync.Mutex
	trees map[string]tree
}

// tree has the hashes of the files of one path, by their names in it.
type tree map[string]sum

type sum struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified_ns"`
	SHA256   string `json:"sha256"`
}

// of returns the hashes of files, by their names.
func (s *Sums) of(path string, files []file) (map[string]string, error) {
	if s != nil {
		s.mu.Lock() // also against hashing the same file twice
		defer s.mu.Unlock()
	}
	known, fresh := s.recall(path), tree{}
	out := map[string]string{}
	changed := false
	for _, f := range files {
		if f.folder {
			continue
		}
		have, ok := known[f.name]
		if !ok || have.Size != f.size || have.Modified != f.modified {
			text, err := filehash.Sum(f.path)
			if err != nil {
				return nil, err
			}
			have, changed = sum{f.size, f.modified, text}, true
		}
		fresh[f.name], out[f.name] = have, have.SHA256
	}
	if changed {
		s.remember(path, fresh)
	}
	return out, nil
}

func (s *Sums) recall(path string) tree {
	if s == nil {
		return nil
	}
	if t, ok := s.trees[path]; ok || s.Folder == "" {
		return t
	}
	text, err := os.ReadFile(s.file(path))
	var t tree
	if err != nil || json.Unmarshal(text, &t) != nil {
		return nil
	}
	return t
}

func (s *Sums) remember(path string, t tree) {
	if s == nil {
		return
	}
	if s.trees == nil {
		s.trees = map[string]tree{}
	}
	s.trees[path] = t
	text, err := json.Marshal(t)
	if err != nil || s.Folder == "" || os.MkdirAll(s.Folder, 0o700) != nil {
		return
	}
	_ = atomicfile.WriteFile(s.file(path), text)
}

// file returns the file that keeps the hashes of a path.
func (s *Sums) file(path string) string {
	h := sha256.Sum256([]byte(path))
	return filepath.Join(s.Folder, hex.EncodeToString(h[:16])+".json")
}
