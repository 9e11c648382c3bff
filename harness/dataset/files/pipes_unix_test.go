//go:build unix

package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/files"
)

// pipe makes a pipe of that name in a new folder.
func pipe(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What can be read only once is refused at once, and in a folder: a second look would
// wait for ever.
func TestPipes(t *testing.T) {
	dir := several(t, "a.csv", table(1))
	path := filepath.Join(dir, "b.csv")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, q := range []dataset.Request{
		{Sources: []string{pipe(t, "c.txt")}, Text: dataset.TextOptions{Tokens: dataset.Bytes}},
		{Sources: []string{"x=" + pipe(t, "x.npy")}},
	} {
		_, err := files.Describe(t.Context(), q)
		datatest.WantError(t, err, dataset.ErrUnreadable, "write it to a file")
	}
	for source, says := range map[string]string{path: "write it to a file", os.DevNull: "write it to a file", dir: path} {
		_, err := files.Describe(t.Context(), dataset.Request{Sources: []string{source}})
		datatest.WantError(t, err, dataset.ErrUnreadable, says)
	}
}
