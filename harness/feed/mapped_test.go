//go:build unix

package feed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
)

// written is a set like another, mapped from files of its columns, and their folder.
func written(t *testing.T, set *dataset.Set) (*dataset.Set, string) {
	t.Helper()
	dir, names := t.TempDir(), map[string]string{}
	var sources []string
	for _, c := range set.Columns() {
		shape := fmt.Sprint(set.Examples(), ",")
		for _, d := range c.Shape() {
			shape += fmt.Sprint(d, ",")
		}
		text := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }\n", shape)
		out := append([]byte("\x93NUMPY\x01\x00"), binary.LittleEndian.AppendUint16(nil, uint16(len(text)))...)
		out = append(append(out, text...), c.Bytes()...)
		path := filepath.Join(dir, c.Name()+".npy")
		if err := os.WriteFile(path, out, 0o644); err != nil {
			t.Fatal(err)
		}
		sources, names[c.Name()] = append(sources, c.Name()+"="+path), c.Name()
	}
	mapped, err := arrays.Read(sources, names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mapped.Close(); err != nil {
			t.Error(err)
		}
	})
	return mapped, dir
}

func TestMappedDataIsFedAlike(t *testing.T) {
	m, set := photos(t, 150)
	mapped, _ := written(t, set)
	for _, o := range []Options{{Batch: 16}, {Batch: 16, Shuffle: true, Seed: 5, Prefetch: 3, Threads: 2}} {
		f := feederOf(t, mapped, m, o)
		if !bytes.Equal(fed(f, 1), fed(feederOf(t, set, m, o), 1)) {
			t.Errorf("%+v: the batches are others than from memory", o)
		}
		n := testing.AllocsPerRun(5, func() {
			f.Start(0)
			for must(f.Next()) != nil {
			}
		})
		if n != 0 {
			t.Errorf("%+v: an epoch allocates %g times", o, n)
		}
		f.Close()
	}
}

// A file that gets shorter, or goes away too, is an error of the epoch; nothing
// hangs, no goroutine stays, and there are no batches after it.
func TestFileGetsShorterInTheEpoch(t *testing.T) {
	for _, prefetch := range []int{0, 2} {
		for _, gone := range []bool{false, true} {
			t.Run(fmt.Sprintf("prefetch=%d/gone=%t", prefetch, gone), func(t *testing.T) {
				defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
				m, memory := photos(t, 320)
				set, dir := written(t, memory)
				f := feederOf(t, set, m, Options{Batch: 16, Prefetch: prefetch, Threads: 2})
				defer f.Close()
				f.Start(0)
				must(f.Next())
				shorten(t, filepath.Join(dir, "x.npy"), gone)
				says := "x.npy became shorter, 4096 bytes instead of"
				if gone {
					says = "x.npy is gone since it was opened"
				}
				fails(t, f, says)
				f.Start(1)
				fails(t, f, says)
				if _, err := f.Prepare(f.Shapes()[0]); !errors.Is(err, dataset.ErrChanged) {
					t.Errorf("preparing a batch: %v", err)
				}
			})
		}
	}
}

// A set that is closed too early is an error of the epoch.
func TestClosedSetIsNotFed(t *testing.T) {
	m, memory := photos(t, 64)
	for _, shuffle := range []bool{false, true} {
		set, _ := written(t, memory)
		f := feederOf(t, set, m, Options{Batch: 16, Shuffle: shuffle})
		if err := set.Close(); err != nil {
			t.Fatal(err)
		}
		f.Start(0)
		fails(t, f, "the set was closed or cut")
	}
}

func shorten(t *testing.T, path string, gone bool) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if gone {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(4096); err != nil {
		t.Fatal(err)
	}
}

// fails takes batches until there is an error, which must be there, say what
// happened, and stay.
func fails(t *testing.T, f *Feeder, says string) {
	t.Helper()
	for {
		b, err := f.Next()
		if err == nil && b == nil {
			t.Fatal("the epoch came to its end")
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, dataset.ErrChanged) || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
		if b, err := f.Next(); b != nil || err == nil {
			t.Errorf("after the error: %v, %v", b, err)
		}
		return
	}
}
