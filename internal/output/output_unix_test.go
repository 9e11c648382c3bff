//go:build unix

package output

import (
	"fmt"
	"io"
	"os"
	"testing"
)

// A path that is a stream may be a terminal: what cannot be seen is escaped.
func TestStreamIsHarmless(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	to, err := Open(fmt.Sprintf("/dev/fd/%d", w.Fd()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Write([]byte("{\"a\": \"\u202e\"}\n")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	to.stream.(interface{ Stream() io.Writer }).Stream().(io.Closer).Close() // else the pipe never ends
	got, err := io.ReadAll(r)
	if want := "{\"a\": \"\\u202e\"}\n"; err != nil || string(got) != want {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
}
