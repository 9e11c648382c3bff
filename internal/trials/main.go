// Command trials runs real 'epochtime ab' sessions of which it knows the truth: side
// B is the same worker, slowed by a known share, while the machine is disturbed on
// purpose. It prints each verdict and counts those that are certain and wrong, and
// ends with 1 if there are any.
//
//	go run ./internal/trials -trials 40 -disturb burner,memory
//	go run ./internal/trials -graphs rnn,mlp -longer 0.1,0.2 -trials 4 -launches 60 \
//		-record internal/gatecheck/testdata/slowed.json
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// options are what a series of trials is made of.
type options struct {
	program, worker string
	graphs          []string
	longer          []float64
	disturb         []string
	trials          int
	launches        int
	record, about   string
	seed            uint64
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "trials:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	wrong, err := run(ctx, o, rand.New(rand.NewPCG(o.seed, 0)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "trials:", err)
	}
	if err != nil || wrong > 0 {
		stop()
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("trials", flag.ContinueOnError)
	flags.StringVar(&o.program, "epochtime", "bin/epochtime", "the `PROGRAM` that compares")
	flags.StringVar(&o.worker, "worker", "bin/epochtime-worker", "the worker `COMMAND`")
	graphs := flags.String("graphs", "rnn,mlp", "`NAMES` of graphs with many steps, in turn")
	longer := flags.String("longer", "0,0.1,0.2", "`SHARES` by which side B takes longer, in turn")
	disturb := flags.String("disturb", "", "what disturbs the machine: burner, memory, or both")
	flags.IntVar(&o.trials, "trials", 40, "`N` sessions")
	flags.IntVar(&o.launches, "launches", 10, "`N` launches per side")
	flags.StringVar(&o.record, "record", "", "`FILE` for the launches of all sessions")
	flags.StringVar(&o.about, "about", "", "`TEXT` in the recording about the machine, and what else it did")
	flags.Uint64Var(&o.seed, "seed", 1, "seed `N` of the disturbance")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.graphs, o.disturb = strings.Split(*graphs, ","), strings.FieldsFunc(*disturb, func(r rune) bool { return r == ',' })
	for _, text := range strings.Split(*longer, ",") {
		share, err := strconv.ParseFloat(text, 64)
		if err != nil || !(share >= 0) {
			return o, fmt.Errorf("-longer %s: use shares such as 0,0.1", *longer)
		}
		o.longer = append(o.longer, share)
	}
	for _, d := range o.disturb {
		if disturbances[d] == nil {
			return o, fmt.Errorf("-disturb %s: there are burner and memory", *disturb)
		}
	}
	if flags.NArg() > 0 || o.trials < 1 || o.launches < 1 {
		return o, fmt.Errorf("wrong use of %s: give flags only, and at least one trial and launch", strings.Join(args, " "))
	}
	return o, nil
}
