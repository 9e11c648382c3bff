package main

import (
	"github.com/spf13/pflag"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// feedFlags say how batches are made.
type feedFlags struct {
	feed       string
	prefetch   int
	threads    int
	shuffle    bool
	padTo      int
	preprocess []string
}

func (f *feedFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.feed, "feed", record.FeedBatches, "`HOW` batches, or resident: measure each graph also with its data on the device and a whole epoch in one call, which shows what feeding costs")
	flags.BoolVar(&f.shuffle, "shuffle", false, "draw a new order of the examples for every epoch")
	flags.StringArrayVar(&f.preprocess, "preprocess", nil, "`STEP` on an input, as in x:scale=0.5, x:normalize=MEAN,STDDEV, x:flip, x:shift=PIXELS, x:brightness=AMOUNT, x:pad=VALUE, y:one_hot (repeatable; beside the graph's own)")
	flags.IntVar(&f.padTo, "pad-to", 0, "`N` pad sequences to a multiple of N (default: to the longest in the batch)")
	flags.IntVar(&f.prefetch, "prefetch", 2, "`N` batches prepared ahead of the step; 0 prepares each in the loop")
	flags.IntVar(&f.threads, "feed-threads", 1, "`N` goroutines that prepare them")
}

func (f *feedFlags) check() error {
	switch {
	case f.feed != record.FeedBatches && f.feed != record.FeedResident:
		return usagef("--feed %q is neither batches nor resident", f.feed)
	case f.resident() && f.shuffle:
		return usagef("--shuffle draws a new order for every epoch, and --feed resident keeps the data in its order: leave out one of the two flags")
	case f.prefetch < 0:
		return usagef("--prefetch %d is negative", f.prefetch)
	case f.threads < 1:
		return usagef("--feed-threads %d: at least one is needed", f.threads)
	case f.padTo < 0:
		return usagef("--pad-to %d is negative", f.padTo)
	}
	for _, text := range f.preprocess {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			return usagef("--preprocess: %w", err)
		}
		if f.resident() && p.Random() {
			return usagef("--preprocess %s is drawn anew for every epoch, and --feed resident prepares the data once: leave out one of the two flags", text)
		}
	}
	return nil
}

// fits finds what a graph cannot be fed, before anything is launched.
func (f *feedFlags) fits(g *graph.Manifest) error {
	var steps []graph.Preprocess
	for _, text := range f.preprocess {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			return usagef("--preprocess: %w", err)
		}
		steps = append(steps, p)
	}
	with := *g
	if err := with.Add(steps); err != nil {
		return usagef("--preprocess does not fit %s: %w", g.Name, err)
	}
	if f.padTo > 1 && !with.PadsFreely() {
		return usagef("--pad-to %d: %s has no sequences whose length is free: leave --pad-to out", f.padTo, g.Name)
	}
	return nil
}

// resident tells whether each graph is measured with resident data, too.
func (f *feedFlags) resident() bool { return f.feed == record.FeedResident }

// fill puts the flags into a configuration that feeds batches.
func (f *feedFlags) fill(c *record.Config) {
	c.Feed, c.Prefetch, c.FeedThreads, c.Shuffle = record.FeedBatches, f.prefetch, f.threads, f.shuffle
	c.PadTo, c.Preprocess = f.padTo, f.preprocess
}
