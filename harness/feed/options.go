package feed

import (
	"fmt"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Options say how batches are made. The zero Options prepare each batch in the
// loop, in the data's own order.
type Options struct {
	Batch    int    // examples per step, of which the last of an epoch may have fewer; 0 leaves it to train.Open
	Prefetch int    // batches prepared ahead of the loop, at most 1,000; 0 prepares each inside Next
	Threads  int    // goroutines that prepare ahead, at most 1,000; 0 is one
	Shuffle  bool   // draw a new order of the examples for every epoch
	Seed     uint64 // of the order, and of random preprocessing
	PadTo    int    // sequences are padded to a multiple of this, at most 1,048,576; 0 is 1
}

// The largest values of Options. Each ring of buffers and each goroutine takes
// memory before the first step, and a padded length is multiplied by the batch.
const (
	maxPrefetch = 1_000
	maxThreads  = 1_000
	maxPadTo    = 1 << 20
)

// Check returns an error that names the field if a value of o is out of range:
// graph.ErrBatch for Batch, dataset.ErrUnfit for the others. Whether the options
// suit the data is found by New.
func (o Options) Check() error {
	if o.Batch < 0 {
		return dataset.Mark(fmt.Errorf("feed.Options: Batch is %d: set a positive number, or 0 for the default", o.Batch), graph.ErrBatch)
	}
	for _, field := range []struct {
		name       string
		value, max int
	}{{"Prefetch", o.Prefetch, maxPrefetch}, {"Threads", o.Threads, maxThreads}, {"PadTo", o.PadTo, maxPadTo}} {
		if field.value < 0 || field.value > field.max {
			err := fmt.Errorf("feed.Options: %s is %d: set a number from 0 to %d", field.name, field.value, field.max)
			return dataset.Mark(err, dataset.ErrUnfit)
		}
	}
	return nil
}
