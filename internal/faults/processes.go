//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// orphanGrace is how long processes may outlive the command that started them: a
// worker finishes its step when its parent is gone, and is ended if it does not.
const orphanGrace = 15 * time.Second

// processes returns the processes whose environment has the sandbox's mark.
func (s *sandbox) processes() map[int]string {
	out := map[int]string{}
	want := []byte(marker + "=" + s.mark + "\x00")
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, want) { // others end meanwhile
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "comm"))
		out[pid] = string(bytes.TrimSpace(name))
	}
	return out
}

// remaining returns the processes that are still there after the time.
func (s *sandbox) remaining(grace time.Duration) []string {
	deadline := time.Now().Add(grace)
	for {
		var left []string
		for pid, name := range s.processes() {
			left = append(left, fmt.Sprintf("%s (%d)", name, pid))
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// killAll ends what is left of the sandbox's processes.
func (s *sandbox) killAll() {
	for range 100 {
		left := s.processes()
		for pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
