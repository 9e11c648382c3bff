//go:build linux

// Command peers compares whole epoch times: the same training in epochtime, Keras on
// three backends, a Python loop, PyTorch, JAX and a bare C loop. A contender is a
// configuration of one session; 'make peers' runs it, and docs/peers.md is its page.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"epochtime/harness/machine"
	"epochtime/harness/record"
	"epochtime/internal/atomicfile"
	"epochtime/internal/interrupt"
)

func main() {
	ctx, stop := interrupt.Notify(context.Background())
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, pflag.ErrHelp):
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "peers: interrupted; the same command goes on from here")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	place
	works      []string
	contenders []string
	launches   int
	epochs     int
	seed       uint64
	page       string
	table      bool
	again      bool
	concurrent bool
}

func parse(args []string) (options, error) {
	var o options
	f := pflag.NewFlagSet("peers", pflag.ContinueOnError)
	f.SortFlags = false
	f.StringSliceVar(&o.works, "models", usualWorks(), "what is trained, as `NAME[:BATCH],…`")
	f.StringSliceVar(&o.contenders, "contenders", contenderNames(), "who is compared, as `NAME,…`")
	f.IntVar(&o.launches, "launches", 6, "launches of each contender with each model, `N`")
	f.IntVar(&o.epochs, "epochs", 0, "measured epochs of a launch, `N` (default: the model's own)")
	f.Uint64Var(&o.seed, "seed", 1, "of the order of launches, `N`")
	f.BoolVar(&o.table, "table", false, "measure nothing: write the page from the records")
	f.BoolVar(&o.again, "again", false, "export and measure anew, instead of going on from the records")
	f.BoolVar(&o.concurrent, "allow-concurrent", false, "measure though another measurement runs on this machine (to try it out)")
	f.StringVar(&o.page, "page", filepath.Join("docs", "peers.md"), "`FILE` of the page")
	f.StringVar(&o.scratch, "scratch", ".peers", "`FOLDER` of graphs, start weights, records and caches")
	f.StringVar(&o.python, "python", filepath.Join(".venv", "bin", "python"), "the `PYTHON` that has TensorFlow")
	f.StringVar(&o.runtimes, "runtimes", filepath.Join(".venv-runtimes", "bin", "python"), "the `PYTHON` that has PyTorch and JAX")
	f.StringVar(&o.bin, "bin", "bin", "`FOLDER` of epochtime-worker and c-loop")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("there is no argument %q: models are named by --models", f.Arg(0))
	}
	return o, o.absolute()
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	works, err := chooseWorks(o.works)
	if err != nil {
		return err
	}
	who, err := chooseContenders(o.contenders)
	if err != nil {
		return err
	}
	if !o.table {
		if err := measureAll(ctx, o, works, who); err != nil {
			return err
		}
	}
	var records []*record.Record
	for _, w := range works {
		rec, err := readRecord(o.recordOf(w))
		if err != nil {
			return fmt.Errorf("%s: %w: measure it first", w.title(), err)
		}
		records = append(records, rec)
	}
	text, err := page(records)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(o.page, []byte(text))
}

// measureAll measures every work, in a session each.
func measureAll(ctx context.Context, o options, works []work, who []contender) error {
	if err := o.check(who); err != nil {
		return err
	}
	if !o.concurrent {
		unlock, err := machine.Lock(machine.LockFile())
		if err != nil {
			return err
		}
		defer unlock()
	}
	if err := o.setEnvironment(); err != nil {
		return err
	}
	for _, w := range works {
		if err := measureWork(ctx, o, w, fitting(who, w)); err != nil {
			return fmt.Errorf("%s: %w", w.title(), err)
		}
	}
	return nil
}
