//go:build linux && cgo

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// usage is what this process holds.
type usage struct {
	memory                           int64 // resident, in bytes
	descriptors, goroutines, zombies int
}

// allowed is how much the memory may grow, in bytes. Nothing else may.
const allowed = 20e6

func (u usage) tooMuch() bool {
	return u.memory > allowed || u.descriptors > 0 || u.goroutines > 0 || u.zombies > 0
}

// watch collects what this process holds from time to time.
type watch struct{ seen []usage }

// look adds what this process holds now, without garbage.
func (w *watch) look() error {
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	fields := strings.Fields(string(statm))
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return fmt.Errorf("/proc/self/statm: %w", err)
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	w.seen = append(w.seen, usage{pages * int64(os.Getpagesize()), len(open), runtime.NumGoroutine(), zombies()})
	return nil
}

// zombies counts the children of this process that have ended and were not waited for.
func zombies() int {
	n := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil { // it has ended meanwhile
			continue
		}
		_, after, _ := bytes.Cut(text, []byte(") ")) // after the name: state, parent
		fields := strings.Fields(string(after))
		if len(fields) > 1 && fields[0] == "Z" && fields[1] == strconv.Itoa(os.Getpid()) {
			n++
		}
	}
	return n
}

// least is how often it takes to look.
const least = 20

// growth returns the median of the last tenth less that of the first.
func (w *watch) growth() (usage, error) {
	if len(w.seen) < least {
		return usage{}, fmt.Errorf("looked only %d times, want %d or more: use a larger number", len(w.seen), least)
	}
	tenth := len(w.seen) / 10
	first, last := w.seen[:tenth], w.seen[len(w.seen)-tenth:]
	middle := func(of func(usage) int64) int64 { return median(last, of) - median(first, of) }
	return usage{
		memory:      middle(func(u usage) int64 { return u.memory }),
		descriptors: int(middle(func(u usage) int64 { return int64(u.descriptors) })),
		goroutines:  int(middle(func(u usage) int64 { return int64(u.goroutines) })),
		zombies:     int(middle(func(u usage) int64 { return int64(u.zombies) })),
	}, nil
}

func median(list []usage, of func(usage) int64) int64 {
	var values []int64
	for _, u := range list {
		values = append(values, of(u))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
