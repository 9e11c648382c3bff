package datatest

import (
	"context"
	"errors"
	"runtime/metrics"
	"testing"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
)

// Bounds of what a small file may take, many times what it does take.
const (
	mostBytes = 2 << 30
	mostTime  = time.Minute
)

// Bounded writes content over the file at path and describes it; whatever it is, the
// error must be of a class, and reading must neither go on for ever nor allocate what
// a small file only claims. One path serves all inputs of a fuzz target.
func Bounded(t testing.TB, path, content string) {
	t.Helper()
	Overwrite(t, path, content)
	stuck := time.AfterFunc(2*mostTime, func() { panic("reading does not end, and does not heed its context") })
	defer stuck.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), mostTime)
	defer cancel()
	before := allocated()
	_, err := files.Describe(ctx, dataset.Request{Sources: []string{path}})
	if errors.Is(err, context.DeadlineExceeded) {
		t.Fatal("reading does not end")
	}
	if err != nil {
		WantClass(t, err)
	}
	if n := allocated() - before; n > mostBytes {
		t.Fatalf("%d bytes of data led to %d of memory", len(content), n)
	}
}

// allocated returns how many bytes of heap were allocated so far.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// MustDescribe describes a file of that name and content.
func MustDescribe(t testing.TB, name, content string) *files.Description {
	t.Helper()
	d, err := Describe(t, File(t, name, content))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Unusable returns why columns are of no use, by name; "" for those that are.
func Unusable(d *files.Description) map[string]string {
	out := make(map[string]string)
	for _, c := range d.Columns {
		out[c.Name] = c.Unusable
	}
	return out
}
