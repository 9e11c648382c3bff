//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"epochtime/harness/record"
)

// damagedHistories are databases in which something is wrong.
func damagedHistories(whole string) []damaged {
	const header, page = 100, 4096
	var out []damaged
	add := func(name string, change func([]byte)) {
		text := []byte(whole)
		change(text)
		out = append(out, damaged{name, string(text), false})
	}
	random := rand.New(rand.NewPCG(12, 2))
	for i := range 30 {
		add(fmt.Sprintf("a-byte-changed-%d", i), func(text []byte) { text[header+random.IntN(len(text)-header)] ^= byte(1 + random.IntN(255)) })
	}
	for i := range min(20, len(whole)/page) {
		add(fmt.Sprintf("page-%d-of-zeros", i), func(text []byte) { clear(text[i*page : (i+1)*page]) })
		add(fmt.Sprintf("page-%d-of-noise", i), func(text []byte) {
			for at := range page {
				text[i*page+at] = byte(random.Uint32())
			}
		})
	}
	for _, h := range []struct {
		name string
		at   int
	}{{"application", 68}, {"version", 60}, {"page-size", 16}, {"schema", 44}, {"pages", 28}, {"first-free-page", 32}} {
		for _, value := range []uint32{0, 99, 1 << 31} {
			add(fmt.Sprintf("%s-is-%d", h.name, value), func(text []byte) { binary.BigEndian.PutUint32(text[h.at:], value) })
		}
	}
	for i := 1; i < 12; i++ {
		at := len(whole) * i / 12
		out = append(out, damaged{fmt.Sprintf("cut-at-%d", at), whole[:at], true})
	}
	return append(out,
		damaged{"cut-in-its-header", whole[:50], true}, damaged{"text", strings.Repeat("no database\n", 1000), true}, damaged{"a-record", "{}", true}, damaged{"twice", whole + whole, false})
}

// historyFaults are histories that are damaged, locked or no files.
func historyFaults(c *campaign) []fault {
	var out []fault
	for i, d := range damagedHistories(c.samples.history) {
		out = append(out, fault{kind: "histories", name: d.name, short: i%12 == 0, try: func(s *sandbox) {
			s.put("history.db", d.text)
			s.tryHistory()
		}})
	}
	for name, make := range map[string]func(*sandbox) error{
		"an-empty-file":     func(s *sandbox) error { return os.WriteFile(s.path("history.db"), nil, 0o644) },
		"a-folder":          func(s *sandbox) error { return os.Mkdir(s.path("history.db"), 0o755) },
		"a-link-to-itself":  func(s *sandbox) error { return os.Symlink("history.db", s.path("history.db")) },
		"a-fifo":            func(s *sandbox) error { return syscall.Mkfifo(s.path("history.db"), 0o644) },
		"dev-full":          func(s *sandbox) error { return os.Symlink("/dev/full", s.path("history.db")) },
		"dev-zero":          func(s *sandbox) error { return os.Symlink("/dev/zero", s.path("history.db")) },
		"a-foreign-journal": func(s *sandbox) error { return s.beside("-journal", strings.Repeat("journal", 1000)) },
		"a-foreign-wal":     func(s *sandbox) error { return s.beside("-wal", strings.Repeat("wal", 3000)) },
		"a-foreign-shm":     func(s *sandbox) error { return s.beside("-shm", strings.Repeat("shm", 20000)) },
		"a-journal-folder": func(s *sandbox) error {
			return errors.Join(s.beside("", ""), os.Mkdir(s.path("history.db-journal"), 0o755))
		},
		"locked-by-another": func(s *sandbox) error { return s.lockHistory() },
	} {
		out = append(out, fault{kind: "histories", name: name, short: strings.HasPrefix(name, "locked"), try: func(s *sandbox) {
			s.must(make(s))
			s.tryHistory()
		}})
	}
	return out
}

// beside writes the sample's history, and a file beside it.
func (s *sandbox) beside(suffix, text string) error {
	s.put("history.db", s.samples.history)
	if suffix == "" {
		return nil
	}
	return os.WriteFile(s.path("history.db"+suffix), []byte(text), 0o644)
}

// lockHistory locks all of the history, as a process that writes it does.
func (s *sandbox) lockHistory() error {
	s.put("history.db", s.samples.history)
	f, err := os.OpenFile(s.path("history.db"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	s.undo = append(s.undo, f.Close)
	const pending = 1 << 30 // where SQLite's locks are
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Start: pending, Len: 512})
}

// tryHistory gives the sandbox's history to the verbs. What they say must be what was
// kept, and a measurement goes on without it.
func (s *sandbox) tryHistory() {
	s.must(os.Mkdir(s.path("exported"), 0o755))
	e := s.epochtime("history", "export", "--to", "exported")
	s.want(e, 0, 1)
	same, have := s.exported()
	if e.code == 0 && same < have {
		s.note(silent, "%d records were exported that are not what was kept, with exit code 0", have-same)
	}
	for _, args := range [][]string{
		{"history"}, {"history", "list", "--json", "-"}, {"history", "show", "@last"}, {"report", "@last~1", "--format", "csv"}, {"history", "trend", "one"},
	} {
		s.want(s.epochtime(args...), 0, 1, 2)
	}
	check := s.epochtime("history", "check")
	s.want(check, 0, 1)
	if check.code == 0 && e.code != 0 {
		s.note(silent, "'history check' finds nothing, and 'history export' fails: %s", firstLine(e.stderr))
	}
	s.want(s.epochtime(s.measuring("run", 2, s.workers("worker", "none", ""))...), 0)
	if n := count(launches(s.read(recordName)), record.OK); n != 2 {
		s.note(lost, "%d launches are in the record, want 2", n)
	}
}

// exported returns how many records were exported, and how many of them are those that
// were kept.
func (s *sandbox) exported() (same, have int) {
	files, _ := filepath.Glob(s.path("exported/*.json"))
	for _, path := range files {
		text, err := os.ReadFile(path)
		s.must(err)
		have++
		for _, kept := range []string{s.samples.run, s.samples.ab, s.samples.sweep} {
			if string(text) == kept {
				same++
			}
		}
	}
	return same, have
}
