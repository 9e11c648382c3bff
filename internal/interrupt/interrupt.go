// Package interrupt ends a program in stages, as its user asks by signals. The first
// asks it to stop: what runs ends in order, and what was finished is kept. The second
// asks it to stop without delay.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long a program that holds nothing may go on after the first
// signal: reading a file, it may never look at its context. lastWords is how long
// one may keep what was finished after the second.
const (
	patience  = 250 * time.Millisecond
	lastWords = 5 * time.Second
)

// stages are the ends that signals ask for.
type stages struct {
	held atomic.Bool
	now  chan struct{} // closed by the second signal
	over chan struct{} // closed when the program is to exit
}

type key struct{}

// Notify returns a context that the first interrupting signal ends, and that Now,
// Over and Hold take. stop gives the signals back.
func Notify(parent context.Context) (ctx context.Context, stop func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, interrupting()...)
	ctx, cancel := follow(parent, signals)
	return ctx, sync.OnceFunc(func() {
		signal.Stop(signals)
		cancel()
		close(signals)
	})
}

// follow returns a context that goes through the stages as signals come.
func follow(parent context.Context, signals <-chan os.Signal) (context.Context, context.CancelFunc) {
	s := &stages{now: make(chan struct{}), over: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.WithValue(parent, key{}, s))
	go s.watch(signals, cancel)
	return ctx, cancel
}

// watch goes through the stages until signals is closed, or the last is reached.
func (s *stages) watch(signals <-chan os.Signal, cancel func()) {
	if _, ok := <-signals; !ok {
		return
	}
	cancel()
	idle := time.NewTicker(patience)
	defer idle.Stop()
	for {
		select {
		case _, ok := <-signals:
			if !ok {
				return
			}
			close(s.now)
			select {
			case _, ok := <-signals: // a third
				if !ok {
					return
				}
			case <-time.After(lastWords):
			}
			close(s.over)
			return
		case <-idle.C:
			if !s.held.Load() {
				close(s.over)
				return
			}
		}
	}
}

// Hold says that the program has something to end in order, such as a worker, or a
// result to keep. The first signal then waits for it.
func Hold(ctx context.Context) {
	if s := of(ctx); s != nil {
		s.held.Store(true)
	}
}

// Now returns a channel that is closed when what runs is to end without delay. It is
// nil for a context that is not of Notify.
func Now(ctx context.Context) <-chan struct{} {
	if s := of(ctx); s != nil {
		return s.now
	}
	return nil
}

// Over returns a channel that is closed when the program is to exit, whatever it
// does. It is nil for a context that is not of Notify.
func Over(ctx context.Context) <-chan struct{} {
	if s := of(ctx); s != nil {
		return s.over
	}
	return nil
}

func of(ctx context.Context) *stages {
	s, _ := ctx.Value(key{}).(*stages)
	return s
}
