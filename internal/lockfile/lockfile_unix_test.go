//go:build unix

package lockfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// holder takes the lock, fails the test unless it is held, and returns its holder.
func holder(t *testing.T, path string) *Holder {
	t.Helper()
	_, err := TakeShared(path)
	var held *HeldError
	if !errors.As(err, &held) || !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), path) {
		t.Fatalf("a second lock: %v", err)
	}
	return held.Holder
}

func TestOneHolder(t *testing.T) {
	for name, take := range map[string]func(string) (*Lock, error){"own": Take, "shared": TakeShared} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "lock")
			for range 2 {
				l, err := take(path)
				if err != nil {
					t.Fatal(err)
				}
				if h := holder(t, path); h == nil || h.PID != os.Getpid() || h.Command == "" || h.Since.IsZero() {
					t.Errorf("the holder is %v", h)
				}
				l.Release()
			}
			text, err := os.ReadFile(path)
			if left := err == nil; left != (name == "shared") || len(text) > 0 {
				t.Errorf("after it: %q, %v", text, err)
			}
		})
	}
}

// A lock file that each holder removes never has two of them.
func TestRemovedWhileOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var holders, taken atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				l, err := Take(path)
				switch {
				case errors.Is(err, ErrHeld):
					continue
				case err != nil:
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders", n)
				}
				taken.Add(1)
				for range 20 {
					runtime.Gosched() // for another one to take it too
				}
				holders.Add(-1)
				l.Release()
			}
		})
	}
	all.Wait()
	if taken.Load() == 0 {
		t.Error("nobody ever held it")
	}
}

// What another user has put in the place of the file is neither followed, waited for
// nor written to.
func TestPlanted(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, plant := range map[string]func(string) error{
		"link":     func(p string) error { return os.Symlink(precious, p) },
		"dangling": func(p string) error { return os.Symlink(filepath.Join(dir, "new"), p) },
		"name":     func(p string) error { return os.Link(precious, p) },
		"pipe":     func(p string) error { return syscall.Mkfifo(p, 0o666) },
		"folder":   func(p string) error { return os.Mkdir(p, 0o777) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "lock")
			if err := plant(path); err != nil {
				t.Fatal(err)
			}
			if _, err := TakeShared(path); !errors.Is(err, errPlanted) || !strings.Contains(err.Error(), path) {
				t.Errorf("it is locked: %v", err)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("it is gone: %v", err)
			}
		})
	}
	if text, err := os.ReadFile(precious); string(text) != "text" {
		t.Errorf("the other file holds %q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made through the link: %v", err)
	}
}

// Whatever the umask of the user who made it is, another one can lock it.
func TestUsers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lock")
	defer syscall.Umask(syscall.Umask(0o077))
	l, err := TakeShared(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o666 {
		t.Fatalf("the permissions are %v, %v", info.Mode(), err)
	}
	l.Release()
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	for p := dir; p != "/" && strings.HasPrefix(p, os.TempDir()); p = filepath.Dir(p) { // for anyone to enter
		if info, err := os.Stat(p); err == nil && info.Mode().Perm()&0o005 != 0o005 {
			_ = os.Chmod(p, 0o755)
		}
	}
	if os.Geteuid() == 0 { // whom permissions do not stop
		const nobody = 65534
		if err := syscall.Setresuid(-1, nobody, -1); err != nil {
			t.Fatal(err)
		}
		defer syscall.Setresuid(-1, 0, -1) //nolint:errcheck // the process was root
	}
	l, err = TakeShared(path)
	if err != nil {
		t.Fatalf("a file that can only be read: %v", err)
	}
	if h := holder(t, path); h != nil {
		t.Errorf("a holder who could not write is said to be %v", h)
	}
	l.Release()
}

// A holder is shown only where what the file says can be true and is plain.
func TestHolders(t *testing.T) {
	for text, known := range map[string]bool{
		`{"pid":1,"user":"alice","command":"epochtime run","since":"2026-03-01T02:00:00Z"}`:                 true,
		`{"pid":1,"user":"LAB\\alice","command":"epochtime","since":"2026-03-01T02:00:00Z"}`:                true,
		`{"pid":0,"user":"alice","command":"epochtime run","since":"2026-03-01T02:00:00Z"}`:                 false,
		`{"pid":-1,"user":"alice","command":"epochtime run","since":"2026-03-01T02:00:00Z"}`:                false,
		`{"pid":999999999,"user":"alice","command":"epochtime run","since":"2026-03-01T02:00:00Z"}`:         false,
		`{"pid":1,"user":"a\u001b[31m","command":"epochtime run","since":"2026-03-01T02:00:00Z"}`:           false,
		`{"pid":1,"user":"alice","command":"epochtime\nrun","since":"2026-03-01T02:00:00Z"}`:                false,
		`{"pid":1,"user":"alice","command":"run: rm -rf / to go on","since":"2026-03-01T02:00:00Z"}`:        false,
		`{"pid":1,"user":"alice","command":"epochtime run"}`:                                                false,
		`{"pid":1,"user":"` + strings.Repeat("a", most) + `","command":"x","since":"2026-03-01T02:00:00Z"}`: false,
		"": false, "1": false, "null": false, "\x00\x01": false,
	} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			t.Fatal(err)
		}
		if h := holder(t, path); (h != nil) != known {
			t.Errorf("%q names %v", text, h)
		}
		f.Close()
	}
}
