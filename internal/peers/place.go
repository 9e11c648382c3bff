//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// place is where programs and files are.
type place struct {
	scratch  string
	python   string // has TensorFlow
	runtimes string // has PyTorch and JAX
	bin      string
}

// absolute makes the paths independent of the working directory. The programs of
// virtual environments are links, which stay as they are.
func (p *place) absolute() error {
	for _, path := range []*string{&p.scratch, &p.python, &p.runtimes, &p.bin} {
		whole, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = whole
	}
	return nil
}

func (p place) graphs() string          { return filepath.Join(p.scratch, "graphs") }
func (p place) recordOf(w work) string  { return filepath.Join(p.scratch, "records", w.file()+".json") }
func (p place) weightsOf(w work) string { return filepath.Join(p.scratch, "weights", w.name+".npz") }
func (p place) cLoop() string           { return filepath.Join(p.bin, "c-loop") }
func (p place) worker() string          { return filepath.Join(p.bin, "epochtime-worker") }

// pythonOf returns the Python that a contender's worker needs.
func (p place) pythonOf(c contender) string {
	if c.runtimes {
		return p.runtimes
	}
	return p.python
}

// check reports a program that a contender needs and that is not there.
func (p place) check(who []contender) error {
	for _, c := range who {
		needs := [][2]string{{p.python, "make setup"}, {p.worker(), "make build"}}
		if c.runtimes {
			needs = append(needs, [2]string{p.runtimes, "make runtimes"})
		}
		if slices.Contains(c.worker, "{c-loop}") {
			needs = append(needs, [2]string{p.cLoop(), "make bin/c-loop"})
		}
		for _, need := range needs {
			if _, err := os.Stat(need[0]); err != nil {
				return fmt.Errorf("%s needs %s: run %s, or leave it out with --contenders", c.name, need[0], need[1])
			}
		}
	}
	return nil
}

// workerOf returns the command of a contender's worker, nil for a runtime's own.
func (p place) workerOf(c contender, w work) []string {
	if c.worker == nil {
		return nil
	}
	out := []string{p.pythonOf(c)}
	for _, word := range c.worker {
		out = append(out, strings.NewReplacer("{weights}", p.weightsOf(w), "{c-loop}", p.cLoop()).Replace(word))
	}
	return out
}

// steering begins the names of variables that change what is measured.
var steering = []string{"TF_", "XLA_", "OMP_", "MKL_", "KMP_", "ONEDNN_", "JAX_", "TORCH", "KERAS_", "EPOCHTIME_", "PYTHON"}

// setEnvironment sets the environment of every worker: the caller's, without what
// would change the measurement, and with the place of PyTorch's compiled kernels.
func (p place) setEnvironment() error {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range steering {
			if strings.HasPrefix(name, prefix) {
				if err := os.Unsetenv(name); err != nil {
					return err
				}
			}
		}
	}
	for name, value := range map[string]string{
		"EPOCHTIME_RUNTIMES_PYTHON": p.runtimes,
		"TORCHINDUCTOR_CACHE_DIR":   filepath.Join(p.scratch, "inductor"),
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
