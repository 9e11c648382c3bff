package launch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/transfer"
)

// supply gives a worker elsewhere the files that its job reads.
type supply struct {
	wanted chan []int // which parcels of an offer the worker lacks
	ended  chan error // once everything was offered and sent, or that cannot be
	cancel context.CancelFunc
	over   chan struct{} // closed once nothing more is written
}

// defaultAlive is how often a worker elsewhere says that it is alive, and silence how
// many times that may be missed.
const (
	defaultAlive = 10 * time.Second
	silence      = 6
)

// errMemoryElsewhere: the limit would be that of ssh, or of what else is in between.
var errMemoryElsewhere = errors.New("the memory of a worker elsewhere cannot be limited from here: leave the limit out, or set one over there")

// elsewhere begins what a worker needs that may not see the files of this machine. Where
// its connection is lost it says nothing any more, and nobody else does.
func (r *running) elsewhere() {
	r.heard = time.NewTicker(r.alive())
	if !r.word.job.Kind.ReadsFiles() || r.stopped != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &supply{wanted: make(chan []int, 1), ended: make(chan error, 1), cancel: cancel, over: make(chan struct{})}
	r.supply = s
	go func() {
		defer close(s.over)
		<-r.posted
		s.ended <- r.offer(ctx)
	}()
}

// alive is how often the worker says that it is alive.
func (r *running) alive() time.Duration { return cmp.Or(r.worker.Alive, defaultAlive) }

// offer offers all files, and sends what the worker lacks.
func (r *running) offer(ctx context.Context) error {
	var parcels []protocol.Parcel
	var err error
	if r.worker.Supply != nil {
		if parcels, err = r.worker.Supply(ctx, r.word.job); err != nil {
			return fmt.Errorf("sending files to the worker: %w", err)
		}
	}
	for {
		batch := parcels[:protocol.Fitting(parcels)]
		parcels = parcels[len(batch):]
		if err := protocol.WriteFiles(r.stdin, batch, len(parcels) > 0); err != nil {
			return err
		}
		var lacks []int
		select {
		case <-ctx.Done():
			return nil
		case lacks = <-r.supply.wanted:
		}
		for i, at := range lacks {
			if at < 0 || at >= len(batch) || slices.Contains(lacks[:i], at) {
				return broken("it asked for file %d of %d, or twice for it", at, len(batch))
			}
			if err := transfer.Send(ctx, r.stdin, batch[at]); err != nil {
				return err
			}
		}
		if len(parcels) == 0 {
			return nil
		}
	}
}

// want takes what the worker lacks.
func (r *running) want(w *protocol.Want) error {
	if r.supply == nil {
		return broken("it asked for files, and can see those of its parent")
	}
	select {
	case r.supply.wanted <- w.Parcels:
		return nil
	default:
		return broken("it asked for files that were not offered")
	}
}

// supplied takes the end of the supply. What the worker says of a connection that it ended
// says more.
func (r *running) supplied(err error) {
	if err != nil && !errors.Is(err, context.Canceled) && r.stopped == nil && !endedThere(err) {
		r.refuse(err)
	}
}

// endedThere reports whether a write failed because the worker reads no more.
func endedThere(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed)
}

// supplies returns where the end of the supply comes from; nil is nowhere.
func (r *running) supplies() <-chan error {
	if r.supply == nil {
		return nil
	}
	return r.supply.ended
}

// silences returns when to see whether a worker elsewhere is silent; nil is never.
func (r *running) silences() <-chan time.Time {
	if r.heard == nil {
		return nil
	}
	return r.heard.C
}

// listen kills a worker elsewhere of which nothing was heard for too long.
func (r *running) listen() {
	if unread(r.stdout) { // this process was stopped, or is late
		r.last = time.Now()
	}
	if quiet := time.Since(r.last); quiet > silence*r.alive() && !r.done {
		r.refuse(fmt.Errorf("nothing was heard of the worker for %v: its machine, or the connection to it, is lost", quiet.Round(time.Second)))
	}
}
