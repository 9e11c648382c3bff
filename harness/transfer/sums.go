package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"epochtime/internal/atomicfile"
)

// Sums keeps hashes of files, so that a file is read again only once its size or time has
// changed. It is for concurrent use. A nil Sums keeps nothing.
type Sums struct {
	// Folder keeps them for later processes; empty: nothing does. What cannot be written
	// is found anew.
	Folder string

	tidied sync.Once
	mu     sync.Mutex
	trees  map[string]tree
	busy   map[string]chan struct{} // closed once the hashes of a path are found
}

// tree has the hashes of the files of one path, by their names in it.
type tree map[string]sum

type sum struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified_ns"`
	SHA256   string `json:"sha256"`
}

// of returns the hashes of files, by their names. Of those who ask for one path at the
// same time, one reads it.
func (s *Sums) of(ctx context.Context, path string, files []file) (map[string]string, error) {
	if s == nil {
		t, _, err := hashes(ctx, nil, files)
		return t.texts(), err
	}
	for {
		s.mu.Lock()
		under := s.busy[path]
		if under == nil {
			break
		}
		s.mu.Unlock()
		select {
		case <-under:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	done := make(chan struct{})
	if s.busy == nil {
		s.busy, s.trees = map[string]chan struct{}{}, map[string]tree{}
	}
	s.busy[path] = done
	known, ok := s.trees[path]
	s.mu.Unlock()
	if !ok {
		known = s.recall(path)
	}
	t, changed, err := hashes(ctx, known, files)
	if changed && err == nil {
		s.remember(path, t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.trees[path] = t
	}
	delete(s.busy, path)
	close(done)
	return t.texts(), err
}

// hashes returns the hashes of files, and whether any had to be read.
func hashes(ctx context.Context, known tree, files []file) (t tree, changed bool, err error) {
	t = tree{}
	for _, f := range files {
		if f.folder {
			continue
		}
		have, ok := known[f.name]
		if !ok || have.Size != f.size || have.Modified != f.modified {
			text, err := hash(ctx, f.path)
			if err != nil {
				return nil, false, err
			}
			have, changed = sum{f.size, f.modified, text}, true
		}
		t[f.name] = have
	}
	return t, changed, nil
}

func hash(ctx context.Context, path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close() // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, stoppable{ctx, in}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (t tree) texts() map[string]string {
	out := map[string]string{}
	for name, s := range t {
		out[name] = s.SHA256
	}
	return out
}

func (s *Sums) recall(path string) tree {
	if s.Folder == "" {
		return nil
	}
	text, err := os.ReadFile(s.file(path))
	var t tree
	if err != nil || json.Unmarshal(text, &t) != nil {
		return nil
	}
	return t
}

func (s *Sums) remember(path string, t tree) {
	text, err := json.Marshal(t)
	if err != nil || s.Folder == "" || os.MkdirAll(s.Folder, 0o700) != nil {
		return
	}
	s.tidied.Do(func() { prune(s.Folder) })
	_ = atomicfile.WriteFile(s.file(path), text)
}

// file returns the file that keeps the hashes of a path.
func (s *Sums) file(path string) string {
	h := sha256.Sum256([]byte(path))
	return filepath.Join(s.Folder, hex.EncodeToString(h[:16])+".json")
}

// prune removes what nobody has asked for in a long time, and what broken transfers left.
// What cannot be removed stays.
func prune(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > keepFor {
			_ = os.RemoveAll(filepath.Join(folder, e.Name()))
		}
	}
}
