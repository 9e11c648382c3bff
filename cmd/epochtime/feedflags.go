package main

import (
	"github.com/spf13/pflag"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// feedFlags say how batches are made.
type feedFlags struct {
	prefetch   int
	threads    int
	shuffle    bool
	padTo      int
	preprocess []string
}

func (f *feedFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.shuffle, "shuffle", false, "draw a new order of the examples for every epoch")
	flags.StringArrayVar(&f.preprocess, "preprocess", nil, "`STEP` on an input, as in x:scale=0.5, x:normalize=MEAN,STDDEV, x:flip, x:shift=PIXELS, x:brightness=AMOUNT, x:pad=VALUE, y:one_hot (repeatable; beside the graph's own)")
	flags.IntVar(&f.padTo, "pad-to", 0, "`N` pad sequences to a multiple of N (default: to the longest in the batch)")
	flags.IntVar(&f.prefetch, "prefetch", 2, "`N` batches prepared ahead of the step; 0 prepares each in the loop")
	flags.IntVar(&f.threads, "feed-threads", 1, "`N` goroutines that prepare them")
}

func (f *feedFlags) check() error {
	switch {
	case f.prefetch < 0:
		return usagef("--prefetch %d is negative", f.prefetch)
	case f.threads < 1:
		return usagef("--feed-threads %d: at least one is needed", f.threads)
	case f.padTo < 0:
		return usagef("--pad-to %d is negative", f.padTo)
	}
	for _, text := range f.preprocess {
		if _, err := graph.ParsePreprocess(text); err != nil {
			return usagef("--preprocess: %w", err)
		}
	}
	return nil
}

// fill puts the flags into a configuration.
func (f *feedFlags) fill(c *record.Config) {
	c.Prefetch, c.FeedThreads, c.Shuffle = f.prefetch, f.threads, f.shuffle
	c.PadTo, c.Preprocess = f.padTo, f.preprocess
}
