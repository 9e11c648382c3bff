package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// holds fails the test unless the folder holds exactly this file with this text.
func holds(t *testing.T, path, text string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != text {
		t.Errorf("%s holds %q, want %q", filepath.Base(path), got, text)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("beside %s there are %v", filepath.Base(path), entries)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.json")
	for _, text := range []string{"a first text", "another", ""} {
		if err := Check(path); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, text)
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.json")
	if err := WriteFile(path, []byte("before")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, func(f *os.File) error {
		if _, err := f.WriteString("half"); err != nil {
			t.Fatal(err)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("Write returns %v, want %v", err, broken)
	}
	holds(t, path, "before")
}

func TestNoFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "record.json")
	if err := Check(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Check returns %v", err)
	}
	if err := WriteFile(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("WriteFile returns %v", err)
	}
}

// Two at a time never leave a mixture, nor files beside it.
func TestTwoWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.json")
	text := string(make([]byte, 1<<16))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := WriteFile(path, []byte(text)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	holds(t, path, text)
}
