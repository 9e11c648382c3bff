//go:build linux

package main

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"time"

	"epochtime/harness/record"
)

// path is what a record's path may be.
type path struct {
	name  string
	make  func(*sandbox) error // before the command
	to    string               // the path; empty is recordName
	codes []int
	early bool // refused before anything is measured
	user  bool // as a user without rights
	after func(*sandbox)
}

func paths() []path {
	link := func(to string) func(*sandbox) error {
		return func(s *sandbox) error { return os.Symlink(s.path(to), s.path(recordName)) }
	}
	mode := func(name string, mode os.FileMode) func(*sandbox) error {
		return func(s *sandbox) error {
			return errors.Join(os.MkdirAll(s.path("locked"), 0o755), os.WriteFile(s.path("locked/old.json"), []byte(s.samples.run), 0o644), os.Chmod(s.path(name), mode))
		}
	}
	return []path{
		{name: "a-folder", make: func(s *sandbox) error { return os.Mkdir(s.path(recordName), 0o755) }, codes: []int{1, 2}, early: true},
		{name: "in-no-folder", to: "nowhere/r.json", codes: []int{1, 2}, early: true},
		{name: "in-a-file", make: func(s *sandbox) error { return os.WriteFile(s.path("file"), nil, 0o644) }, to: "file/r.json", codes: []int{1, 2}, early: true},
		{name: "too-long", to: strings.Repeat("x", 300), codes: []int{1, 2}, early: true},
		{name: "too-deep", to: strings.Repeat("x/", 3000) + "r.json", codes: []int{1, 2}, early: true},
		{name: "a-link-to-itself", make: link(recordName), codes: []int{1, 2}, early: true},
		{name: "a-link-to-a-folder", make: link("tmp"), codes: []int{1, 2}, early: true},
		{name: "a-link-into-no-folder", make: link("nowhere/x.json"), codes: []int{1, 2}, early: true},
		{name: "dev-full", to: "/dev/full", codes: []int{1, 2}},
		{name: "dev-null", to: "/dev/null", codes: []int{0}},
		{name: "a-dangling-link", make: link("later.json"), codes: []int{0}, after: (*sandbox).linkStays},
		{name: "a-link-to-a-record", make: func(s *sandbox) error {
			return errors.Join(os.WriteFile(s.path("later.json"), []byte(s.samples.run), 0o644), link("later.json")(s))
		}, codes: []int{0}, after: (*sandbox).linkStays},
		{name: "in-a-folder-without-rights", make: mode("locked", 0o555), to: "locked/r.json", codes: []int{1, 2}, early: true, user: true},
		{name: "in-a-folder-that-cannot-be-entered", make: mode("locked", 0), to: "locked/r.json", codes: []int{1, 2}, early: true, user: true},
		{name: "an-older-record-in-a-folder-without-rights", make: mode("locked", 0o555), to: "locked/old.json", codes: []int{1, 2}, early: true, user: true},
		{name: "a-graph-that-cannot-be-read", make: func(s *sandbox) error { return os.Chmod(s.path("graphs/one/saved_model.pb"), 0) }, codes: []int{1, 2}, early: true, user: true},
		{name: "a-manifest-that-cannot-be-read", make: func(s *sandbox) error { return os.Chmod(s.path("graphs/one/graph.json"), 0) }, codes: []int{1, 2}, early: true, user: true},
		{name: "a-home-that-cannot-be-written", make: func(s *sandbox) error { return os.Chmod(s.path("home"), 0o555) }, codes: []int{0}, user: true},
		{name: "a-temporary-folder-that-cannot-be-written", make: func(s *sandbox) error { return os.Chmod(s.path("tmp"), 0o555) }, codes: []int{0}, user: true},
		{name: "a-history-that-cannot-be-written", make: func(s *sandbox) error {
			return errors.Join(os.WriteFile(s.path("history.db"), []byte(s.samples.history), 0o444), os.Chmod(s.path("history.db"), 0o444))
		}, codes: []int{0}, user: true},
		{name: "a-history-that-cannot-be-read", make: func(s *sandbox) error { return os.WriteFile(s.path("history.db"), []byte(s.samples.history), 0) }, codes: []int{0}, user: true},
	}
}

// linkStays checks that a record was written through a link.
func (s *sandbox) linkStays() {
	if info, err := os.Lstat(s.path(recordName)); err != nil || info.Mode()&os.ModeSymlink == 0 {
		s.note(otherwise, "the link to the record was replaced")
	}
	if n := count(launches(s.read("later.json")), record.OK); n != 2 {
		s.note(lost, "%d launches are in the file that the link names, want 2", n)
	}
}

// pathFaults are records, graphs and folders that cannot be written or read.
func pathFaults(*campaign) []fault {
	var out []fault
	for i, p := range paths() {
		out = append(out, fault{kind: "paths", name: p.name, short: i%5 == 0, try: func(s *sandbox) {
			if p.user && os.Geteuid() == 0 {
				s.nobody = true
				s.must(s.give())
			}
			if p.make != nil {
				s.must(p.make(s))
			}
			args := append(s.measuring("run", 2, s.workers("worker", "none", "")), "--force")
			if p.to != "" {
				args[3] = p.to
			}
			s.want(s.epochtime(args...), p.codes...)
			if n := s.begun("worker"); p.early && n > 0 {
				s.note(otherwise, "%d launches were begun before the error", n)
			}
			if p.after != nil {
				p.after(s)
			}
		}})
	}
	return append(out,
		fault{kind: "paths", name: "a-fifo-that-nobody-reads", try: (*sandbox).unreadFIFO},
		fault{kind: "paths", name: "a-record-that-another-writes", short: true, try: (*sandbox).twoWriters},
		fault{kind: "paths", name: "an-incomplete-record", short: true, try: func(s *sandbox) {
			s.refused(strings.Replace(s.samples.run, `"status": "complete"`, `"status": "incomplete"`, 1))
		}},
		fault{kind: "paths", name: "what-is-no-record", try: func(s *sandbox) { s.refused("a letter to somebody\n") }})
}

// refused measures over a file that is kept.
func (s *sandbox) refused(text string) {
	s.put(recordName, text)
	s.want(s.epochtime(s.measuring("run", 2, s.workers("worker", "none", ""))...), 2)
	if s.get(recordName) != text {
		s.note(lost, "the file was overwritten")
	}
}

// twoWriters measures into a record that another command writes.
func (s *sandbox) twoWriters() {
	first := s.start(s.measuring("run", 20, s.workers("worker", slow, interrupted[0].commands))...)
	s.await(func() bool { return s.begun("worker") > 1 })
	other := *s
	other.mark += "-other" // the end of one is not the end of both
	other.want(other.epochtime(other.measuring("run", 2, other.workers("other", "none", ""), "--force")...), 1, 2)
	other.want(other.epochtime("run", "--resume", recordName, "--allow-concurrent"), 1, 2)
	s.findings = other.findings
	s.want(first.end(), 0)
	if n := count(launches(s.read(recordName)), record.OK); n != 20 {
		s.note(lost, "%d launches are in the record, want 20", n)
	}
}

// unreadFIFO writes a record to a FIFO that nobody reads. The program may wait for a
// reader, but heeds SIGTERM.
func (s *sandbox) unreadFIFO() {
	s.must(syscall.Mkfifo(s.path(recordName), 0o644))
	r := s.start(s.measuring("run", 2, s.workers("worker", "none", ""))...)
	time.Sleep(2 * time.Second)
	_ = r.Process.Signal(syscall.SIGTERM) // it may have ended
	s.want(r.end(), 0, 1, 2, 130)
}

// give lets everybody write in the sandbox, and nobody own it.
func (s *sandbox) give() error {
	err := os.Chmod(s.dir, 0o777)
	for _, name := range []string{"home", "tmp", "graphs"} {
		err = errors.Join(err, os.Chmod(s.path(name), 0o777))
	}
	log := s.put("worker.log", "")
	return errors.Join(err, os.Chmod(log, 0o666))
}
