//go:build linux && cgo

package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// looks returns the growth over looks, before each of which something happens.
func looks(t *testing.T, n int, before func(i int)) usage {
	t.Helper()
	w := new(watch)
	for i := range n {
		before(i)
		if err := w.look(); err != nil {
			t.Fatal(err)
		}
	}
	grew, err := w.growth()
	if err != nil {
		t.Fatal(err)
	}
	return grew
}

func TestQuiet(t *testing.T) {
	grew := looks(t, least, func(int) {})
	if grew.descriptors != 0 || grew.goroutines != 0 || grew.zombies != 0 || grew.tooMuch() {
		t.Errorf("nothing was done, and it grew by %+v", grew)
	}
}

// What leaks is found.
func TestLeaks(t *testing.T) {
	var memory [][]byte
	stop := make(chan struct{})
	defer close(stop)
	grew := looks(t, least, func(int) {
		block := make([]byte, 2<<20)
		for i := 0; i < len(block); i += 4096 { // the kernel assigns a page when it is written
			block[i] = 1
		}
		memory = append(memory, block)
	})
	if grew.memory < 30<<20 || !grew.tooMuch() {
		t.Errorf("%d MiB were kept, and the memory grew by %d bytes", 2*len(memory), grew.memory)
	}
	grew = looks(t, least, func(int) {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		go func() { <-stop }()
	})
	if want := least - 2; grew.descriptors != want || grew.goroutines != want || !grew.tooMuch() {
		t.Errorf("it grew by %+v, want %d descriptors and goroutines", grew, want)
	}
}

func TestZombies(t *testing.T) {
	before := zombies()
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() //nolint:errcheck // it is only to be gone
	for zombies() == before {
		time.Sleep(time.Millisecond) // until it has ended; go test bounds it
	}
	if got := zombies(); got != before+1 {
		t.Errorf("%d zombies, want %d", got, before+1)
	}
}

func TestTooFewLooks(t *testing.T) {
	if _, err := new(watch).growth(); err == nil {
		t.Error("growth was told from nothing")
	}
}
