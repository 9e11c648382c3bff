package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/transfer"
)

// far is a worker whose parent is on another machine, as far as it can tell.
type far struct {
	t      *testing.T
	c      *exec.Cmd
	stdin  io.WriteCloser
	events *protocol.Reader
}

// nowhere is a folder that this machine lacks.
const nowhere = "/nowhere"

// startFar starts a worker with its cache in a folder.
func startFar(t *testing.T, cache string, j protocol.Job) *far {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &far{t: t, c: exec.Command(self)}
	f.c.Env = append(os.Environ(), asWorker+"=1", "TF_CPP_MIN_LOG_LEVEL=1", "XDG_CACHE_HOME="+cache)
	if f.stdin, err = f.c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := f.c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f.events = protocol.NewReader(stdout)
	if err := f.c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.stdin.Close(); _ = f.c.Wait() })
	j.Parent, j.Worker, j.Boot = 1<<22+1, 1<<22+2, "of another machine" // processes that no system numbers so
	if err := protocol.WriteJob(f.stdin, j); err != nil {
		t.Fatal(err)
	}
	if h := f.next(); h.Event != protocol.EventHello || !h.Hello.Elsewhere {
		t.Fatalf("it says %+v", h)
	}
	return f
}

// next returns the next event that is not a sign of life.
func (f *far) next() protocol.Event {
	f.t.Helper()
	for {
		e, err := f.events.Next()
		if err != nil {
			f.t.Fatal(err)
		}
		if e.Event != protocol.EventAlive {
			return e
		}
	}
}

// parcel is a file or folder of this machine under a name that only the parent has.
func (f *far) parcel(path string) protocol.Parcel {
	f.t.Helper()
	p, err := transfer.Describe(context.Background(), path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	p.Path = filepath.Join(nowhere, filepath.Base(path))
	if tensor, isData := strings.CutSuffix(filepath.Base(path), ".npy"); isData {
		p.Of, p.Name = tensor+"="+p.Path, tensor
	}
	return p
}

// give offers files, sends what the worker lacks, and returns how many bytes came.
func (f *far) give(paths ...string) int64 {
	f.t.Helper()
	for i, path := range paths {
		if err := protocol.WriteFiles(f.stdin, []protocol.Parcel{f.parcel(path)}, i+1 < len(paths)); err != nil {
			f.t.Fatal(err)
		}
		e := f.next()
		if e.Event != protocol.EventWant {
			f.t.Fatalf("it says %+v", e)
		}
		here, err := transfer.Describe(context.Background(), path, nil)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(e.Want.Parcels) > 0 {
			if err := transfer.Send(context.Background(), f.stdin, here); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	e := f.next()
	if e.Event != protocol.EventReceived {
		f.t.Fatalf("it says %+v, %+v", e, e.Error)
	}
	return e.Received.Bytes
}

// last returns the epochs that follow, and the last event.
func (f *far) last() (epochs int, last protocol.Event) {
	f.t.Helper()
	for {
		e := f.next()
		switch e.Event {
		case protocol.EventEpoch:
			epochs++
		case protocol.EventDone, protocol.EventError:
			return epochs, e
		}
	}
}

// A worker elsewhere trains on a graph and data that were sent to it, each once.
func TestElsewhere(t *testing.T) {
	cache := t.TempDir()
	m := openGraph(t, "linear")
	x, y := pointsFile(t, "x.npy", 1000), pointsFile(t, "y.npy", 1000)
	j := protocol.Job{
		Kind: protocol.Train, Graph: filepath.Join(nowhere, "linear"), SHA256: m.SHA256, Alive: 1e-3,
		Config: record.Config{Batch: 100, Epochs: 2, Warmup: 1, Device: "cpu", Data: []string{"x=" + filepath.Join(nowhere, "x.npy"), "y=" + filepath.Join(nowhere, "y.npy")}},
	}
	for round, want := range []bool{true, false} {
		f := startFar(t, cache, j)
		if got := f.give(m.Dir, x, y); (got > 0) != want {
			t.Errorf("round %d: %d bytes were sent", round, got)
		}
		if epochs, last := f.last(); epochs != 3 || last.Event != protocol.EventDone {
			t.Errorf("round %d: %d epochs, then %+v", round, epochs, last.Error)
		}
	}
	parity := j
	parity.Kind, parity.Config = protocol.Parity, record.Config{Device: "cpu"}
	f := startFar(t, cache, parity)
	f.give(m.Dir)
	if _, last := f.last(); last.Event != protocol.EventDone {
		t.Errorf("parity: %+v", last.Error)
	}
}

// What goes wrong on the way is the worker's last word, and nothing is left of it.
func TestElsewhereFails(t *testing.T) {
	m := openGraph(t, "linear")
	j := protocol.Job{Kind: protocol.Train, Graph: filepath.Join(nowhere, "linear"), SHA256: m.SHA256, Config: record.Config{Epochs: 1, Device: "cpu"}}
	offer := func(f *far) {
		if err := protocol.WriteFiles(f.stdin, []protocol.Parcel{f.parcel(m.Dir)}, false); err != nil {
			t.Fatal(err)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for name, c := range map[string]struct {
		job  func(*protocol.Job)
		says func(*far)
		want string
	}{
		"the parent stops before": {nil, func(f *far) { _ = protocol.WriteStop(f.stdin) }, "context canceled"},
		"the parent stops in the middle": {nil, func(f *far) {
			offer(f)
			f.next()
			_ = transfer.Send(stopped, f.stdin, protocol.Parcel{Path: m.Dir})
		}, "the sender stopped before the end"},
		"the connection ends before": {nil, func(f *far) { f.stdin.Close() }, "waiting for the files of the job: EOF"},
		"the connection ends in the middle": {nil, func(f *far) {
			offer(f)
			f.next()
			_, _ = f.stdin.Write([]byte{0, 0, 1})
			f.stdin.Close()
		}, "the connection ended in the middle of a file"},
		"what comes is something else": {nil, func(f *far) {
			offer(f)
			f.next()
			other, _ := transfer.Describe(context.Background(), filepath.Join(m.Dir, "variables"), nil)
			_ = transfer.Send(context.Background(), f.stdin, other)
		}, "what arrived is not what was sent"},
		"the weights would stay here": {func(j *protocol.Job) { j.SaveWeights = filepath.Join(t.TempDir(), "w.weights.h5") }, func(*far) {}, "would be saved on another machine"},
		"no files are offered": {nil, func(f *far) {
			_ = protocol.WriteFiles(f.stdin, nil, false)
		}, "no graph.json"},
	} {
		t.Run(name, func(t *testing.T) {
			cache, job := t.TempDir(), j
			if c.job != nil {
				c.job(&job)
			}
			f := startFar(t, cache, job)
			c.says(f)
			if _, last := f.last(); last.Error == nil || !strings.Contains(last.Error.Error(), c.want) {
				t.Errorf("its last word is %+v, want %q", last.Error, c.want)
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "epochtime", "received", "*")); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
}

// A cache that cannot be written to is named.
func TestElsewhereWithoutRoom(t *testing.T) {
	m := openGraph(t, "linear")
	cache := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(cache, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f := startFar(t, cache, protocol.Job{Kind: protocol.Train, Graph: filepath.Join(nowhere, "linear"), SHA256: m.SHA256, Config: record.Config{Epochs: 1, Device: "cpu"}})
	if err := protocol.WriteFiles(f.stdin, []protocol.Parcel{f.parcel(m.Dir)}, false); err != nil {
		t.Fatal(err)
	}
	if _, last := f.last(); last.Error == nil || last.Error.Code != protocol.CodeTransfer || !strings.Contains(last.Error.Message, "keeping "+nowhere) {
		t.Errorf("its last word is %+v", last.Error)
	}
}

// The files of a graph's own pipeline are told by their content: they may have another
// time on another machine.
func TestPipelineElsewhere(t *testing.T) {
	m := pipelines(t, "records")["records"]
	files := m.Files()
	if len(files) == 0 {
		t.Fatal("the graph reads no files")
	}
	j := protocol.Job{Kind: protocol.Train, Graph: m.Dir, SHA256: m.SHA256, Config: record.Config{Epochs: 1, Device: "cpu"}}
	old := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	parcels := []protocol.Parcel{}
	for _, path := range append([]string{m.Dir}, paths(files)...) {
		p, err := transfer.Describe(context.Background(), path, nil)
		if p.Fixed = path != m.Dir; p.Fixed {
			err = errors.Join(err, os.Chtimes(path, old, old))
		}
		if err != nil {
			t.Fatal(err)
		}
		parcels = append(parcels, p)
	}
	f := startFar(t, t.TempDir(), j)
	if err := protocol.WriteFiles(f.stdin, parcels, false); err != nil {
		t.Fatal(err)
	}
	if e := f.next(); e.Event != protocol.EventWant || len(e.Want.Parcels) > 0 {
		t.Fatalf("it says %+v", e.Want)
	}
	if epochs, last := f.last(); epochs != 1 || last.Event != protocol.EventDone {
		t.Errorf("%d epochs, then %+v", epochs, last.Error)
	}
	if err := os.WriteFile(files[0].Path, []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	f = startFar(t, t.TempDir(), j)
	if err := protocol.WriteFiles(f.stdin, parcels, false); err != nil {
		t.Fatal(err)
	}
	if _, last := f.last(); last.Error == nil || !strings.Contains(last.Error.Message, "another file is in its place: "+files[0].Path) {
		t.Errorf("its last word is %+v", last.Error)
	}
}

func paths(files []*graph.File) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.Path)
	}
	return out
}
