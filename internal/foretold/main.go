// Foretold finds how far estimates are off. For each model and batch it estimates an epoch
// and measures the same epoch in launches between the probes, as
// 'epochtime estimate --verify' does; and it estimates each from the probes of the other
// sessions, as '--from' does. Records are kept, so that a run that is interrupted goes on,
// and the tables can be made again without measuring.
//
//	make foretold FORETOLD='-launches 6 -seconds 2 -models mlp,lstm'
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"epochtime/internal/interrupt"
)

// options are those of the command line.
type options struct {
	graphs, records string
	worker          string
	models          []string
	batches         []int
	launches        int
	seconds         float64 // of an epoch that is estimated, about
	measure         bool
}

// rates are about how many examples a second the models train on a machine with two cores:
// from them follows how many examples an epoch of some seconds has.
var rates = map[string]float64{"linear": 1.5e6, "mlp": 2e5, "cnn": 1.7e4, "rnn": 3e4, "lstm": 1e4, "gru": 8e3}

func main() {
	var o options
	models := flag.String("models", "linear,mlp,cnn,rnn,lstm,gru", "graphs")
	flag.StringVar(&o.graphs, "graphs", "graphs", "folder of graphs")
	flag.StringVar(&o.records, "records", ".foretold", "folder for records")
	flag.StringVar(&o.worker, "worker", "bin/epochtime-worker", "worker program")
	flag.IntVar(&o.launches, "launches", 4, "launches of each probe, and of what is estimated")
	flag.Float64Var(&o.seconds, "seconds", 6, "about how long an epoch takes that is estimated")
	flag.BoolVar(&o.measure, "measure", true, "measure what is missing; else only the tables are made")
	flag.Parse()
	o.models, o.batches = strings.Split(*models, ","), []int{32, 128, 256}
	ctx, stop := interrupt.Notify(context.Background())
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "foretold:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	var list []session
	for _, batch := range o.batches { // a block of all models, so that drift affects all alike
		for _, model := range o.models {
			s := session{model: model, batch: batch, samples: int(rates[model]*o.seconds) + batch/2, verify: 2, path: o.recordOf(model, fmt.Sprint(batch))}
			if err := s.load(ctx, o); err != nil {
				return fmt.Errorf("%s at batch %d: %w", model, batch, err)
			}
			if s.record != nil {
				list = append(list, s)
			}
		}
	}
	var large []session
	for _, model := range o.models {
		s := session{model: model, batch: 256, samples: 1_200_000, path: o.recordOf(model, "large")}
		if err := s.load(ctx, o); err != nil {
			return fmt.Errorf("%s, a large epoch: %w", model, err)
		}
		if s.record != nil {
			large = append(large, s)
		}
	}
	fmt.Print(tables(list), costs(large))
	return nil
}
