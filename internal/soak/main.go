//go:build linux && cgo

// Command soak does what measurements do for so long that anything that leaks shows:
// steps of a real graph in one process, launches of real workers and of scripted ones
// in one session. It compares what this process holds in the last tenth of the time
// with the first tenth, and exits with 1 if that grew. 'make soak' runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
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
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// errGrew means that this process holds more at the end than at the beginning.
var errGrew = errors.New("something grew by more than is allowed")

func run(ctx context.Context) error {
	steps := flag.Int("steps", 2_000_000, "train `N` steps in this process")
	launches := flag.Int("launches", 200, "launch the real worker `N` times")
	fast := flag.Int("scripted", 2000, "launch a scripted worker `N` times")
	graphs := flag.String("graphs", "graphs", "`DIR` with the graph linear")
	worker := flag.String("worker", "bin/epochtime-worker", "the real worker, a `FILE`")
	flag.Parse()
	parts := []struct {
		name string
		do   func(context.Context, *watch) error
		n    int
	}{
		{"steps", func(ctx context.Context, w *watch) error { return trainSteps(ctx, w, *graphs, *steps) }, *steps},
		{"real launches", func(ctx context.Context, w *watch) error { return realLaunches(ctx, w, *graphs, *worker, *launches) }, *launches},
		{"scripted launches", func(ctx context.Context, w *watch) error { return scriptedLaunches(ctx, w, *fast) }, *fast},
	}
	fmt.Print("| what | how often | memory (MB) | descriptors | goroutines | zombies |\n|---|---:|---:|---:|---:|---:|\n")
	var failed error
	for _, p := range parts {
		if p.n == 0 {
			continue
		}
		w := new(watch)
		if err := p.do(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		grew, err := w.growth()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Printf("| %s | %d | %+.1f | %+d | %+d | %+d |\n", p.name, p.n, float64(grew.memory)/1e6, grew.descriptors, grew.goroutines, grew.zombies)
		if grew.tooMuch() {
			failed = errGrew
		}
	}
	return failed
}
