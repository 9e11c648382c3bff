package probe

import (
	"context"
	"fmt"
	"math"
	"time"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/galeone/tensorflow/tensorflow/go/op"

	"epochtime/harness/tfsession"
)

// A size is called fewest times at least, and for this share of a limit's time, to find
// the best size. The rest of the time is that size's.
const (
	fewest = 3
	share  = 0.08
)

// best returns the highest rate that a kernel reaches, in work per second: of the
// fastest call of its best size. A size that would not be done in
// time, or has no room, is not begun.
// With an error it returns the rate until then.
func (o Options) best(ctx context.Context, k kernel) (float64, error) {
	deadline := time.Now().Add(o.slice())
	highest, each, best := 0.0, 0.0, 0
	for _, size := range k.sizes {
		work := k.work(size)
		if (fewest*each*work > time.Until(deadline).Seconds() || !o.fits(k, size)) && highest > 0 {
			break
		}
		seconds, err := o.fastest(ctx, k, size, time.Duration(share*float64(o.slice())))
		if err != nil {
			return highest, err
		}
		if each = seconds / work; 1/each > highest {
			highest, best = 1/each, size
		}
	}
	if left := time.Until(deadline); left > 0 {
		seconds, err := o.fastest(ctx, k, best, left)
		if err != nil {
			return highest, err
		}
		highest = math.Max(highest, k.work(best)/seconds)
	}
	return highest, nil
}

// fastest returns the seconds of the fastest call of a kernel at a size, in a time.
func (o Options) fastest(ctx context.Context, k kernel, size int, within time.Duration) (float64, error) {
	c := &computation{}
	g, err := build(func(root *op.Scope) {
		c.root = root
		k.add(c, size)
	})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", tfsession.ErrGraph, err)
	}
	s, err := tfsession.OnGraph(g, o.Session)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	feeds, err := c.feeds(size)
	if err != nil {
		return 0, err
	}
	if err := s.Run(nil, c.start...); err != nil {
		return 0, err
	}
	return fastestCall(ctx, within, func() error { return s.Run(feeds, c.run) })
}

// feeds returns what a call feeds, for each of size float32.
func (c *computation) feeds(size int) (map[tf.Output]*tf.Tensor, error) {
	if c.fed.Op == nil {
		return nil, nil
	}
	t, err := tf.NewTensor(make([]float32, size))
	if err != nil {
		return nil, err
	}
	return map[tf.Output]*tf.Tensor{c.fed: t}, nil
}

// fastestCall returns the seconds of the fastest call. The first, which allocates and may
// compile, is not timed.
func fastestCall(ctx context.Context, within time.Duration, call func() error) (float64, error) {
	if err := call(); err != nil {
		return 0, err
	}
	fastest := math.Inf(1)
	for begin, n := time.Now(), 0; n < fewest || time.Since(begin) < within; n++ {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		start := time.Now()
		if err := call(); err != nil {
			return 0, err
		}
		fastest = math.Min(fastest, time.Since(start).Seconds())
	}
	return fastest, nil
}
