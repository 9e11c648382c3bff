package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/transfer"
	"epochtime/internal/process"
)

// elsewhere reports whether this worker may not see the files of its parent: it is on
// another machine, or in a container.
func (w *worker) elsewhere() bool {
	if w.job.Parent == 0 { // a person gives it the job
		return false
	}
	return w.job.Boot != process.Boot() || w.job.Worker != os.Getpid() && !process.Descends(w.job.Parent)
}

// sayAlive says at intervals that this worker is alive, until ctx is done: nothing else
// tells a parent elsewhere that a long epoch is none of a lost connection. It takes
// some microseconds each time.
func (w *worker) sayAlive(ctx context.Context) {
	every := time.Duration(w.job.Alive * float64(time.Second))
	if every <= 0 {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if w.events.Send(protocol.Event{Event: protocol.EventAlive}) != nil {
				return
			}
		}
	}
}

// errWeightsElsewhere: the file would be out of the parent's reach.
var errWeightsElsewhere = errors.New("trained weights would be saved on another machine than the one that asks for them: train on this one")

// fetch gets the files that the job reads, and names in the job where they are.
func (w *worker) fetch(in *bufio.Reader) error {
	if w.job.SaveWeights != "" {
		return protocol.Fail(protocol.CodeJob, errWeightsElsewhere, "")
	}
	began := time.Now()
	store := transfer.OfUser()
	got := &protocol.Received{}
	for more := true; more; {
		parcels, further, stop, err := protocol.ReadFiles(in)
		switch {
		case stop:
			return context.Canceled
		case err != nil:
			return fmt.Errorf("waiting for the files of the job: %w", err)
		}
		if err := w.take(in, store, parcels, got); err != nil {
			return err
		}
		more = further
	}
	w.place()
	got.Seconds = time.Since(began).Seconds()
	return w.events.Send(protocol.Event{Event: protocol.EventReceived, Received: got})
}

// arrival is a parcel, and where it is on this machine.
type arrival struct {
	protocol.Parcel
	where string
}

// take finds the parcels of one offer, and receives those that are not here.
func (w *worker) take(in *bufio.Reader, store *transfer.Store, parcels []protocol.Parcel, got *protocol.Received) error {
	arrived := make([]arrival, len(parcels))
	want := &protocol.Want{Parcels: []int{}}
	for i, p := range parcels {
		where, here, err := store.Find(w.ctx, p)
		if err != nil {
			return protocol.Fail(protocol.CodeTransfer, err, "move it away, or export the graph on that machine")
		}
		if !here && !slices.ContainsFunc(parcels[:i], p.SameFile) {
			want.Parcels = append(want.Parcels, i)
		}
		arrived[i] = arrival{p, where}
	}
	if err := w.events.Send(protocol.Event{Event: protocol.EventWant, Want: want}); err != nil {
		return err
	}
	for _, i := range want.Parcels {
		where, err := store.Receive(in, parcels[i])
		if err != nil {
			return protocol.Fail(protocol.CodeTransfer, err, roomHint(err))
		}
		for k, p := range parcels {
			if p.SameFile(parcels[i]) {
				arrived[k].where = where
			}
		}
		got.Bytes += parcels[i].Bytes
	}
	w.arrived = append(w.arrived, arrived...)
	return nil
}

// roomHint says what to do about a folder that files cannot be kept in.
func roomHint(err error) string {
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EACCES, syscall.EROFS} {
		if errors.Is(err, cause) {
			return "make room there, or name another folder, as in --worker 'ssh host env XDG_CACHE_HOME=DIR epochtime-worker'"
		}
	}
	return ""
}

// place names in the job where its files are on this machine.
func (w *worker) place() {
	c := &w.job.Config
	w.from = w.job.Graph
	w.job.Graph, w.job.Examples, c.LoadWeights = w.arrivedAt(w.job.Graph), w.arrivedAt(w.job.Examples), w.arrivedAt(c.LoadWeights)
	var data []string
	for _, source := range c.Data {
		data = append(data, w.sources(source)...)
	}
	c.Data = data
}

// sources returns what a source of data of the job is on this machine: a pattern is each of
// its files.
func (w *worker) sources(source string) []string {
	var out []string
	for _, a := range w.arrived {
		switch {
		case a.Of != source:
		case a.Name != "":
			out = append(out, a.Name+"="+a.where)
		default:
			out = append(out, a.where)
		}
	}
	if len(out) == 0 {
		return []string{source}
	}
	return out
}

// arrivedAt returns where on this machine a file of the job is that is no source of data:
// at its path where it did not arrive.
func (w *worker) arrivedAt(path string) string {
	for _, a := range w.arrived {
		if path != "" && a.Of == "" && a.Path == path {
			return a.where
		}
	}
	return path
}

// relocate names in a graph that came from elsewhere the files outside of its folder. Those
// of its pipelines were told by their content, and may have another time here.
func (w *worker) relocate(m *graph.Manifest) {
	if w.from == "" {
		return
	}
	if path := filepath.FromSlash(m.Data.Path); path != "" && !filepath.IsLocal(path) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(w.from, path)
		}
		m.Data.Path = w.arrivedAt(path)
	}
	for _, f := range m.Files() {
		here := slices.ContainsFunc(w.arrived, func(a arrival) bool { return a.Fixed && a.Path == f.Path })
		if info, err := os.Stat(f.Path); err == nil && here {
			f.Modified = info.ModTime().UTC().Format(time.RFC3339Nano)
		}
	}
}
