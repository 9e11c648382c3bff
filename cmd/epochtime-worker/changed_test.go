package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// pointsFile is an .npy file of n zeros, float32.
func pointsFile(t *testing.T, name string, n int) string {
	t.Helper()
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 1), }", n)
	text += strings.Repeat(" ", 117-len(text)) + "\n"
	out := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(text)))
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, append(append(out, text...), make([]byte, 4*n)...), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A data file that gets shorter, or goes away, in the middle of a launch ends it
// as an error that names the file. Epochs before it are kept, and it is no
// reason to give up other launches.
func TestDataChangesMidRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(string) error{
		"became shorter, 4096 bytes instead of": func(path string) error { return os.Truncate(path, 4096) },
		"is gone since it was opened":           os.Remove,
	} {
		for _, prefetch := range []int{0, 2} {
			t.Run(fmt.Sprintf("%s/prefetch=%d", strings.Fields(says)[1], prefetch), func(t *testing.T) {
				x, y := pointsFile(t, "x.npy", 500_000), pointsFile(t, "y.npy", 500_000)
				c := record.Config{Batch: 20_000, Epochs: 1 << 30, Device: "cpu", Prefetch: prefetch, Data: []string{"x=" + x, "y=" + y}}
				w := &launch.Worker{Argv: []string{self}, Quiet: map[string]string{asWorker: "1"}, Grace: time.Minute}
				var once sync.Once
				var unchanged error
				out, err := w.Run(context.Background(), protocol.Job{Kind: protocol.Train, Graph: openGraph(t, "linear").Dir, Config: c},
					func(e protocol.Event) {
						if e.Event == protocol.EventEpoch {
							once.Do(func() { unchanged = change(x) })
						}
					})
				if err != nil || unchanged != nil {
					t.Fatal(err, unchanged)
				}
				l := out.Launch
				if l.Status != record.Error || l.ExitCode != 1 || l.Signal != "" || len(l.Epochs) == 0 || out.Setup {
					t.Errorf("status %s, exit code %d, signal %q, %d epochs, setup %t", l.Status, l.ExitCode, l.Signal, len(l.Epochs), out.Setup)
				}
				if out.Failure == nil || out.Failure.Code != protocol.CodeChanged || !strings.Contains(l.Reason, says) || !strings.Contains(l.Reason, x) {
					t.Errorf("%+v: %s; it should say that %s %s", out.Failure, l.Reason, x, says)
				}
			})
		}
	}
}
