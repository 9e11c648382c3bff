//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"epochtime/internal/scripted"
)

// campaign tries faults on copies of the programs.
type campaign struct {
	program, worker, graphs string
	short, keep             bool
	parallel                int
	grace                   time.Duration // for processes to end after the command that started them

	dir      string // of copies, records and sandboxes
	scripted string // the worker that follows a script
	samples  samples
	retained bool // a sandbox was kept
	number   int  // of the last sandbox
	mu       sync.Mutex
}

// prepare copies the programs to a folder that every user can read, and measures the
// records that faults damage.
func (c *campaign) prepare() (err error) {
	if c.dir, err = os.MkdirTemp("", "epochtime-faults-"); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	copied := func(from, name string) (to string) {
		to = filepath.Join(c.dir, name)
		err = errors.Join(err, copyFile(from, to, 0o755))
		return to
	}
	err = os.Chmod(c.dir, 0o755)
	c.program, c.scripted = copied(c.program, "epochtime"), copied(self, scripted.Name)
	if err != nil {
		return fmt.Errorf("%w: build it with 'make build', or name it with -epochtime", err)
	}
	for _, path := range []*string{&c.worker, &c.graphs} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return errors.Join(c.measureSamples(), c.measureNights())
}

func (c *campaign) clean() {
	if !c.retained {
		os.RemoveAll(c.dir)
	}
}

func copyFile(from, to string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// kinds makes the faults of each kind.
var kinds = []func(*campaign) []fault{
	wordFaults, endFaults, survivorFaults, killFaults, diskFaults, pathFaults, recordFaults, historyFaults, graphFaults, limitFaults, nightFaults, realFaults, deviceFaults,
}

// choose returns the faults to try.
func (c *campaign) choose(only *regexp.Regexp) []fault {
	var out []fault
	for _, make := range kinds {
		for _, f := range make(c) {
			if only.MatchString(f.title()) && (f.short || !c.short) {
				out = append(out, f)
			}
		}
	}
	return out
}

// stopped is why faults are left out whose turn does not come.
const stopped = "the campaign was stopped"

// try tries the faults, some at a time, and returns the results in their order.
func (c *campaign) try(ctx context.Context, faults []fault) []result {
	results := make([]result, len(faults))
	next := make(chan int)
	var all sync.WaitGroup
	work := func() {
		for i := range next {
			results[i] = c.tryOne(faults[i])
			fmt.Fprint(os.Stderr, progress(results[i]))
		}
	}
	for i, f := range faults {
		results[i] = result{fault: f, left: stopped}
	}
	for range max(1, c.parallel) {
		all.Go(work)
	}
	order := order(faults)
	for _, i := range order {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	all.Wait()
	fmt.Fprintln(os.Stderr)
	return results
}

// order puts those that take long first, so that they do not make the end wait.
func order(faults []fault) []int {
	out := make([]int, len(faults))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return int(faults[b].bound - faults[a].bound) })
	return out
}

// progress is a character for one result.
func progress(r result) string {
	switch {
	case r.left != "":
		return "s"
	case len(r.findings) > 0:
		return "F"
	}
	return "."
}

// tryOne tries one fault in a sandbox of its own.
func (c *campaign) tryOne(f fault) result {
	began := time.Now()
	s, err := c.sandbox(f)
	if err == nil {
		f.try(s)
		err = s.close()
	}
	if err != nil {
		s.note(otherwise, "the fault could not be tried: %v", err)
	}
	return result{f, s.findings, time.Since(began), s.left}
}
