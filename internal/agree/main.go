//go:build linux && cgo

// Command agree trains an epoch of a script's own fit twice, by Keras and from Go, and
// compares the losses of its first steps, its metrics and those of validation. It
// exits with 1 if they differ by more than rounding does. 'make agree' runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// fixed are the scripts of this repository whose fit has a fixed order.
var fixed = []string{"ordered", "records", "lengths", "python_batches", "judged", "class_weights", "own_step"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "agree:", err)
		os.Exit(1)
	}
}

// errDiffers means that an epoch from Go is not what Keras trains.
var errDiffers = errors.New("an epoch from Go differs from Keras's by more than rounding")

func run(ctx context.Context) error {
	python := flag.String("python", filepath.Join(".venv", "bin", "python"), "the `PYTHON` that has TensorFlow")
	flag.Parse()
	scripts := flag.Args()
	if len(scripts) == 0 {
		for _, name := range fixed {
			scripts = append(scripts, filepath.Join("testdata", "models", "scripts", name+".py"))
		}
	}
	scratch, err := os.MkdirTemp("", "agree")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fmt.Print(header)
	var failed error
	for _, script := range scripts {
		a, err := maker{".", *python, scratch}.compare(ctx, script)
		if err != nil {
			return err
		}
		fmt.Println(row(a))
		if !a.holds() {
			failed = errDiffers
		}
	}
	return failed
}

const header = "| script | steps | losses | metrics | validation | as timed: losses | metrics | validation | moved by a bit: losses | metrics | validation |\n" +
	"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"

// row is a line of the table.
func row(a agreement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %d |", a.script, a.steps)
	for _, d := range []difference{a.plain, a.timed, a.moved} {
		for _, v := range []float64{d.losses, d.metrics, d.validation} {
			fmt.Fprintf(&b, " %.1e |", v)
		}
	}
	if len(a.beyond) > 0 {
		fmt.Fprintf(&b, " beyond rounding: %s", strings.Join(a.beyond, ", "))
	}
	return strings.ReplaceAll(b.String(), " 0.0e+00 ", " 0 ")
}
