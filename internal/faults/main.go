//go:build linux

// Command faults tries what goes wrong with measurements: workers that lie, crash and
// hang, signals, full disks, damaged records, histories and graphs. It runs the shipped
// programs on each fault, in a folder of its own, and counts what must never happen.
// 'make faults' runs it; docs/reliability.md holds its table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"epochtime/internal/scripted"
)

func main() {
	if scripted.Played() {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// errFindings means that something happened that must not.
var errFindings = errors.New("there are findings: they are listed above")

func run(ctx context.Context) error {
	c := campaign{grace: orphanGrace}
	pattern := flag.String("run", "", "try only the faults whose KIND/NAME matches this `REGEXP`")
	doc := flag.String("doc", "", "Markdown `FILE` whose table is rewritten (default: it is printed)")
	list := flag.Bool("list", false, "list the faults, and try none")
	flag.BoolVar(&c.short, "short", false, "try only the faults of the short form")
	flag.BoolVar(&c.keep, "keep", false, "keep the folders of faults with findings")
	flag.IntVar(&c.parallel, "parallel", 4, "`N` faults at a time; many of them only wait")
	flag.StringVar(&c.program, "epochtime", "bin/epochtime", "the program that is tried, a `FILE`")
	flag.StringVar(&c.worker, "worker", "bin/epochtime-worker", "its real worker, a `FILE`; without one, the faults of real workers are left out")
	flag.StringVar(&c.graphs, "graphs", "graphs", "`DIR` with the exported graph linear, for the real worker")
	flag.Parse()
	only, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	if err := c.prepare(); err != nil {
		return err
	}
	defer c.clean()
	faults := c.choose(only)
	if *list {
		for _, f := range faults {
			fmt.Println(f.title())
		}
		return nil
	}
	results := c.try(ctx, faults)
	tell(os.Stdout, results)
	table := tabulate(results)
	if *doc == "" || ctx.Err() != nil {
		fmt.Print(table)
	} else if err := document(*doc, table); err != nil {
		return err
	}
	if found(results) {
		return errFindings
	}
	return ctx.Err()
}
