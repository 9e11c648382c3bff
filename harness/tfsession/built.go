package tfsession

import (
	"fmt"
	"math"
	"time"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/galeone/tensorflow/tensorflow/go/op"
)

// Built is a session on a graph that was built in Go. It is for one goroutine.
type Built struct{ session *tf.Session }

// OnGraph returns a session on a graph that was built in Go, on the device asked for.
// The executor of the options is that of the device. Errors are ErrOptions, ErrDevice
// and ErrGraph.
func OnGraph(g *tf.Graph, o Options) (*Built, error) {
	if g == nil {
		return nil, fmt.Errorf("%w: it is nil", ErrGraph)
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	config, err := o.config(1)
	if err != nil {
		return nil, err
	}
	s, err := tf.NewSession(g, &tf.SessionOptions{Config: config})
	if err != nil {
		return nil, classify(ErrGraph, err)
	}
	devices, err := devicesOf(s)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrDevice, err)
	} else {
		err = fits(o.Device, devices)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return &Built{s}, nil
}

// Run feeds tensors and runs operations, and returns when the device is done. Errors
// are ErrOOM, ErrStep and ErrClosed.
func (b *Built) Run(feeds map[tf.Output]*tf.Tensor, targets ...*tf.Operation) error {
	if b == nil || b.session == nil {
		return ErrClosed
	}
	if _, err := b.session.Run(feeds, nil, targets); err != nil {
		return classify(ErrStep, err)
	}
	return nil
}

// Close frees the session and its variables.
func (b *Built) Close() error {
	if b == nil || b.session == nil {
		return nil
	}
	err := b.session.Close()
	b.session = nil
	return err
}

// Overhead returns how long the call of a step takes that computes nothing, in seconds:
// the fastest of rounds means over calls calls. The executor is that of the options. Errors
// are those of OnGraph and Built.Run.
func Overhead(o Options, rounds, calls int) (float64, error) {
	if rounds < 1 || calls < 1 {
		return 0, fmt.Errorf("%w: %d rounds of %d calls: set 1 or more", ErrOptions, rounds, calls)
	}
	if err := checkLayout(); err != nil {
		return 0, err
	}
	root := op.NewScope()
	loss := op.Const(root, float32(0))
	g, err := root.Finalize()
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrGraph, err)
	}
	b, err := OnGraph(g, o)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	options, err := o.ofRun()
	if err != nil {
		return 0, err
	}
	step := newCall(b.session, nil, []tf.Output{loss}, options)
	defer step.free()
	fastest := math.Inf(1)
	for range rounds {
		start := time.Now()
		for range calls {
			if _, err := step.run(); err != nil {
				return 0, err
			}
		}
		fastest = math.Min(fastest, time.Since(start).Seconds()/float64(calls))
	}
	return fastest, nil
}
