package feed

import "sync"

// ahead prepares batches in goroutines, each batch in the ring of buffers that
// its number gives, at most as many ahead of the loop as there are rings.
type ahead struct {
	f  *Feeder
	wg sync.WaitGroup

	mu       sync.Mutex
	work     sync.Cond // there may be a batch to prepare
	done     sync.Cond // a batch is prepared
	epoch    bool      // an epoch is running
	taken    int       // batches that the loop has asked for: their predecessors are free
	claimed  int       // batches that someone prepares or has prepared
	prepared []int     // by ring: the batch it holds; -1 for none
	busy     int       // goroutines that are preparing
	closed   bool
	err      error     // why a goroutine could not prepare its batch
	failed   any       // what a goroutine panicked with
	made     int       // batches that have been through a preprocess signature with state
	order    sync.Cond // the next of them may go
}

func startAhead(f *Feeder) *ahead {
	a := &ahead{f: f, prepared: make([]int, f.Rings())}
	a.work.L, a.done.L, a.order.L = &a.mu, &a.mu, &a.mu
	for i := range f.options.Threads {
		a.wg.Go(func() { a.run(&f.scratch[i]) })
	}
	return a
}

// rest waits until nobody prepares a batch of the epoch before, which may have
// been abandoned.
func (a *ahead) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.epoch = false
	for a.busy > 0 {
		a.done.Wait()
	}
}

// start begins an epoch, with every ring empty.
func (a *ahead) start() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken, a.claimed, a.made, a.epoch = 0, 0, 0, true
	for i := range a.prepared {
		a.prepared[i] = -1
	}
	a.work.Broadcast()
}

// run prepares batches until the feeder is closed.
func (a *ahead) run(s *scratch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		for !a.closed && !a.ready() {
			a.work.Wait()
		}
		if a.closed {
			return
		}
		k := a.claimed
		a.claimed++
		a.busy++
		a.mu.Unlock()
		failed, err := a.prepare(k, s)
		a.mu.Lock()
		a.busy--
		if err != nil && a.err == nil {
			a.err = err
		}
		if failed != nil {
			a.failed = failed
		}
		a.prepared[k%len(a.prepared)] = k
		a.done.Broadcast()
		a.order.Broadcast()
	}
}

// turn waits until every batch before k is made; false says that one failed.
func (a *ahead) turn(k int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.made != k && !a.broken() {
		a.order.Wait()
	}
	return !a.broken()
}

// turned lets the next batch go.
func (a *ahead) turned() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.made++
	a.order.Broadcast()
}

// ready reports whether the next batch can be prepared: its ring is free once the
// loop has asked for the batch after the one that the ring holds.
func (a *ahead) ready() bool {
	return a.epoch && !a.broken() && a.claimed < a.f.Steps() && a.claimed < a.taken+len(a.prepared)-1
}

func (a *ahead) broken() bool { return a.err != nil || a.failed != nil }

// prepare contains a panic, which is passed on to the loop.
func (a *ahead) prepare(k int, s *scratch) (failed any, err error) {
	defer func() { failed = recover() }()
	return nil, a.f.prepare(k, &a.f.batches[k%len(a.f.batches)], s)
}

// take returns batch k, and frees the ring of the batch before it.
func (a *ahead) take(k int) (*Batch, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken = k + 1
	a.work.Signal()
	ring := k % len(a.prepared)
	for a.prepared[ring] != k && !a.broken() {
		a.done.Wait()
	}
	if a.failed != nil {
		panic(a.failed)
	}
	if a.err != nil {
		return nil, a.err
	}
	return &a.f.batches[ring], nil
}

func (a *ahead) close() {
	a.mu.Lock()
	a.closed = true
	a.work.Broadcast()
	a.mu.Unlock()
	a.wg.Wait()
}
