package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"epochtime/harness/protocol"
)

// put writes files, by their names in a folder, and returns it. A name that ends with a
// slash is a folder.
func put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func describe(t *testing.T, path string, known *Sums) protocol.Parcel {
	t.Helper()
	p, err := Describe(context.Background(), path, known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sent returns what Send writes.
func sent(t *testing.T, p protocol.Parcel) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Send(context.Background(), &out, p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// away returns a parcel that no path of this machine has.
func away(p protocol.Parcel) protocol.Parcel {
	p.Path = filepath.Join("/nowhere", filepath.Base(p.Path))
	return p
}

// What arrives is what was sent, whatever follows it on the connection.
func TestRoundTrip(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", chunkSize/8)
	for name, files := range map[string]map[string]string{
		"files":         {"a": "1", "b/c": "22", "b/d e": large, "ümlaut": "x"},
		"empty folders": {"none/": "", "also/none/": ""},
		"empty files":   {"a": "", "b": ""},
		"nothing":       {},
	} {
		t.Run(name, func(t *testing.T) {
			dir := put(t, files)
			p := describe(t, dir, nil)
			store := &Store{Folder: filepath.Join(t.TempDir(), "store")}
			in := bytes.NewReader(append(sent(t, p), "more"...))
			where, err := store.Receive(in, away(p))
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(t, where, nil); got.SHA256 != p.SHA256 || got.Bytes != p.Bytes || filepath.Base(where) != "made" {
				t.Errorf("%+v arrived as %+v", p, got)
			}
			if rest, _ := io.ReadAll(in); string(rest) != "more" {
				t.Errorf("%q is left on the connection", rest)
			}
			if found, ok, err := store.Find(context.Background(), away(p)); found != where || !ok || err != nil {
				t.Errorf("it is found at %q, %v, %v", found, ok, err)
			}
			if left, _ := filepath.Glob(filepath.Join(store.Folder, ".*")); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
}

// A file keeps its name, by which formats are known, and its time, by which a graph knows
// the files that it reads.
func TestFile(t *testing.T) {
	dir := put(t, map[string]string{"train.csv": "x\n1\n", "same.csv": "x\n1\n"})
	path := filepath.Join(dir, "train.csv")
	when := time.Date(2020, 2, 3, 4, 5, 6, 789, time.UTC)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
	store := &Store{Folder: filepath.Join(t.TempDir(), "store")}
	for _, name := range []string{"train.csv", "same.csv"} { // one content, two names
		p := describe(t, filepath.Join(dir, name), nil)
		where, err := store.Receive(bytes.NewReader(sent(t, p)), away(p))
		if err != nil || filepath.Base(where) != name {
			t.Fatalf("%s arrived as %s, %v", name, where, err)
		}
		if text, err := os.ReadFile(where); string(text) != "x\n1\n" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		info, err := os.Stat(where)
		if name == "train.csv" && (err != nil || !info.ModTime().Equal(when)) {
			t.Errorf("its time is %v, %v", info.ModTime(), err)
		}
	}
}

// What differs has another hash: content, name, and what lies in which folder.
func TestDescribe(t *testing.T) {
	seen := map[string]string{}
	for name, files := range map[string]map[string]string{
		"one": {"a": "1"}, "two": {"a": "2"}, "name": {"b": "1"}, "deep": {"c/a": "1"}, "folder": {"a/": ""}, "more": {"a": "1", "b/": ""}, "none": {},
	} {
		p := describe(t, put(t, files), nil)
		if other, twice := seen[p.SHA256]; twice {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[p.SHA256] = name
	}
	dir := put(t, map[string]string{"a": "1", "b": "1"})
	if err := os.Remove(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	if p := describe(t, dir, nil); p.SHA256 != describe(t, put(t, map[string]string{"a": "1", "b": "1"}), nil).SHA256 {
		t.Error("a link to a file is not what it points to")
	}
	if err := os.Symlink(dir, filepath.Join(dir, "again")); err != nil {
		t.Fatal(err)
	}
	if _, err := Describe(context.Background(), dir, nil); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("with a link to a folder: %v", err)
	}
	if _, err := Describe(context.Background(), filepath.Join(dir, "gone"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
}

// A hash is found anew once the size or the time of its file has changed.
func TestSums(t *testing.T) {
	dir := put(t, map[string]string{"a": "1"})
	path := filepath.Join(dir, "a")
	folder := filepath.Join(t.TempDir(), "sums")
	first := describe(t, dir, &Sums{Folder: folder})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	rewrite := func(text string, when time.Time) protocol.Parcel {
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o644), os.Chtimes(path, when, when)); err != nil {
			t.Fatal(err)
		}
		return describe(t, dir, &Sums{Folder: folder}) // as a later process has them
	}
	if got := rewrite("2", info.ModTime()); got.SHA256 != first.SHA256 {
		t.Error("it was read again, though size and time are the same")
	}
	if got := rewrite("2", info.ModTime().Add(time.Second)); got.SHA256 == first.SHA256 {
		t.Error("it was not read again after it had changed")
	}
	for _, file := range []string{"{", "{}"} {
		kept, _ := filepath.Glob(filepath.Join(folder, "*.json"))
		if len(kept) != 1 {
			t.Fatalf("%q are kept", kept)
		}
		if err := os.WriteFile(kept[0], []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := describe(t, dir, &Sums{Folder: folder}); got.SHA256 == first.SHA256 {
			t.Errorf("with %s kept, the hash is an old one", file)
		}
	}
}

// What is cut, spoiled, given up or another thing is no content of the store, and nothing
// of it is left.
func TestReceiveRefuses(t *testing.T) {
	dir := put(t, map[string]string{"a": "1", "b/c": strings.Repeat("x", 3*chunkSize)})
	p := describe(t, dir, nil)
	whole := sent(t, p)
	spoiled := bytes.Clone(whole)
	spoiled[len(spoiled)-chunkSize] ^= 1
	stopped, stop := context.WithCancel(context.Background())
	stop()
	var aborted, changed bytes.Buffer
	if err := Send(stopped, &aborted, p); !errors.Is(err, context.Canceled) {
		t.Errorf("stopping: %v", err)
	}
	other := put(t, map[string]string{"a": "1"})
	wrong := describe(t, other, nil)
	if err := Send(context.Background(), io.Discard, protocol.Parcel{Path: other, SHA256: wrong.SHA256, Bytes: wrong.Bytes + 1}); !errors.Is(err, ErrChanged) {
		t.Errorf("a file of another size: %v", err)
	}
	if err := Send(context.Background(), &changed, wrong); err != nil {
		t.Fatal(err)
	}
	fixed := away(p)
	fixed.Fixed, fixed.Path = true, filepath.Join(t.TempDir(), "place", "made")
	for name, c := range map[string]struct {
		in     []byte
		parcel protocol.Parcel
		want   error
	}{
		"cut in a chunk":        {whole[:len(whole)/2], away(p), io.ErrUnexpectedEOF},
		"cut before the end":    {whole[:len(whole)-4], away(p), io.ErrUnexpectedEOF},
		"cut at once":           {nil, away(p), io.ErrUnexpectedEOF},
		"spoiled":               {spoiled, away(p), ErrDamaged},
		"given up":              {aborted.Bytes(), away(p), ErrAborted},
		"another content":       {changed.Bytes(), away(p), ErrDamaged},
		"no chunks":             {[]byte("\xf0\xf0\xf0\xf0 is a long chunk"), away(p), ErrDamaged},
		"no archive":            {append([]byte{0, 0, 0, 3}, "abc\x00\x00\x00\x00"...), away(p), ErrDamaged},
		"an empty archive":      {[]byte{0, 0, 0, 0}, away(p), ErrDamaged},
		"without a hash":        {whole, protocol.Parcel{Path: "/nowhere/made"}, ErrDamaged},
		"out of the store":      {whole, protocol.Parcel{Path: "/nowhere/made", SHA256: "../../made"}, ErrDamaged},
		"a path that is none":   {whole, protocol.Parcel{Path: "made", SHA256: p.SHA256}, ErrDamaged},
		"cut at its own place":  {whole[:len(whole)/2], fixed, io.ErrUnexpectedEOF},
		"spoilt for that place": {spoiled, fixed, ErrDamaged},
	} {
		store := &Store{Folder: filepath.Join(t.TempDir(), "store")}
		if where, err := store.Receive(bytes.NewReader(c.in), c.parcel); !errors.Is(err, c.want) || where != "" {
			t.Errorf("%s: %q, %v, want %v", name, where, err, c.want)
		}
		if _, ok, _ := store.Find(context.Background(), away(p)); ok {
			t.Errorf("%s: the store has it", name)
		}
		if left, _ := filepath.Glob(filepath.Join(store.Folder, "*")); len(left) > 0 {
			t.Errorf("%s: %q is left", name, left)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(fixed.Path), "*")); c.parcel.Fixed && len(left) > 0 {
			t.Errorf("%s: %q is left", name, left)
		}
	}
}

// A file that a graph reads by its path lies there, and replaces nothing.
func TestFixed(t *testing.T) {
	from := filepath.Join(put(t, map[string]string{"a.tfrecord": "1"}), "a.tfrecord")
	p := describe(t, from, nil)
	in := sent(t, p)
	p.Fixed, p.Path = true, filepath.Join(t.TempDir(), "deep", "down", "a.tfrecord")
	store := &Store{Folder: filepath.Join(t.TempDir(), "store")}
	if _, ok, err := store.Find(context.Background(), p); ok || err != nil {
		t.Fatalf("before: %v, %v", ok, err)
	}
	where, err := store.Receive(bytes.NewReader(in), p)
	if err != nil || where != p.Path {
		t.Fatalf("%s, %v", where, err)
	}
	if _, ok, err := store.Find(context.Background(), p); !ok || err != nil {
		t.Errorf("after: %v, %v", ok, err)
	}
	if where, err = store.Receive(bytes.NewReader(in), p); err != nil || where != p.Path { // by a worker beside it
		t.Errorf("again: %s, %v", where, err)
	}
	if err := os.WriteFile(p.Path, []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Find(context.Background(), p); !errors.Is(err, ErrTaken) {
		t.Errorf("beside another file: %v", err)
	}
	if _, err := store.Receive(bytes.NewReader(in), p); !errors.Is(err, ErrTaken) {
		t.Errorf("over another file: %v", err)
	}
	if text, _ := os.ReadFile(p.Path); string(text) != "another" {
		t.Errorf("the other file is now %q", text)
	}
}

// What nobody asks for does not stay for ever.
func TestPrune(t *testing.T) {
	store := &Store{Folder: t.TempDir()}
	old := time.Now().Add(-keepFor - time.Hour)
	kept := filepath.Join(store.Folder, "kept")
	gone := filepath.Join(store.Folder, "gone")
	if err := errors.Join(os.Mkdir(kept, 0o755), os.Mkdir(gone, 0o755), os.Chtimes(gone, old, old)); err != nil {
		t.Fatal(err)
	}
	p := describe(t, put(t, map[string]string{"a": "1"}), nil)
	if _, err := store.Receive(bytes.NewReader(sent(t, p)), away(p)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", gone, err)
	}
}

// Whatever comes over a connection, nothing is written outside of the store.
func FuzzReceive(f *testing.F) {
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o644); err != nil {
		f.Fatal(err)
	}
	p, err := Describe(context.Background(), dir, nil)
	if err != nil {
		f.Fatal(err)
	}
	var out bytes.Buffer
	if err := Send(context.Background(), &out, p); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Add(bytes.ReplaceAll(out.Bytes(), []byte("/a\x00"), []byte("/..")))
	f.Fuzz(func(t *testing.T, in []byte) {
		outside := t.TempDir()
		store := &Store{Folder: filepath.Join(outside, "store")}
		where, err := store.Receive(bytes.NewReader(in), away(p))
		if got, wrong := Describe(context.Background(), where, nil); err == nil && (wrong != nil || got.SHA256 != p.SHA256) {
			t.Errorf("%+v arrived, %v", got, wrong)
		}
		if entries, _ := os.ReadDir(outside); len(entries) > 1 {
			t.Errorf("%v were written", entries)
		}
	})
}
