//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"time"
)

// nightCase is one night.
type nightCase struct {
	name     string
	make     func(*sandbox) error
	args     []string
	codes    []int
	promoted []string // exactly these
}

// both are the graphs of a night.
var both = []string{"one", "two"}

// section of a night's worker in which it does something else.
func worker(name, section, commands string) func(*sandbox) error {
	return func(s *sandbox) error {
		s.script(name, section, commands)
		return nil
	}
}

// failing makes launches of a side fail, from the first on, every step-th.
func failing(name string, first, step, last int, commands string) func(*sandbox) error {
	return func(s *sandbox) error {
		var sections strings.Builder
		for i := first; i <= last; i += step {
			fmt.Fprintf(&sections, "[train %d]\n%s%s\nexit 0\n", i, before(5), commands)
		}
		s.put(name, fmt.Sprintf("job\nlog %s\n%s%s", s.path(name+".log"), sections.String(), good))
		return nil
	}
}

// slowly is a launch that takes longer by a quarter.
const slowly = "swift\nhello\ntrain 0.00025\ndone"

func lostBaselines() []nightCase {
	remove := func(names ...string) func(*sandbox) error {
		return func(s *sandbox) error {
			var err error
			for _, name := range names {
				err = errors.Join(err, os.RemoveAll(s.path(nightFolder+"/"+name)))
			}
			return err
		}
	}
	out := []nightCase{
		{name: "control", codes: []int{0}, promoted: both},
		{name: "the-folder-is-gone", make: remove(""), codes: []int{1}},
		{name: "the-ledger-is-gone", make: remove("ledger.jsonl"), codes: []int{1}},
		{name: "the-sealed-graphs-are-gone", make: remove("sealed"), codes: []int{1}},
		{name: "the-builds-are-gone", make: remove("builds"), codes: []int{1}},
		{name: "the-records-are-gone", make: remove("records"), codes: []int{1}},
		{name: "only-the-ledger-is-left", make: remove("sealed", "builds", "records"), codes: []int{1}},
		{name: "the-reports-are-gone", make: remove("reports", "latest"), codes: []int{0}, promoted: both},
	}
	for kept := range 5 { // with fewer lines than two good builds take
		var promoted []string
		if kept > 1 { // the good build of one is there
			promoted = []string{"one"}
		}
		out = append(out, nightCase{name: fmt.Sprintf("only-%d-lines-of-the-ledger", kept), codes: []int{1}, promoted: promoted, make: func(s *sandbox) error {
			lines := strings.SplitAfter(s.get(nightFolder+"/ledger.jsonl"), "\n")
			s.put(nightFolder+"/ledger.jsonl", strings.Join(lines[:kept], ""))
			return nil
		}})
	}
	for _, change := range [][2]string{{"one", "two"}, {`"good"`, `"anchor"`}, {"accepted", "promoted"}, {"\n", "\n\n"}, {"}\n{", "}{"}} {
		out = append(out, nightCase{name: fmt.Sprintf("%q-for-%q-in-the-ledger", change[1], change[0]), codes: []int{1}, make: func(s *sandbox) error {
			s.put(nightFolder+"/ledger.jsonl", strings.ReplaceAll(s.get(nightFolder+"/ledger.jsonl"), change[0], change[1]))
			return nil
		}})
	}
	return out
}

func failedLaunches() []nightCase {
	var out []nightCase
	for _, side := range []string{goodScript, tonightScript} {
		for _, crash := range crashes {
			add := func(name string, first, step, last int, promoted ...string) {
				out = append(out, nightCase{
					name: fmt.Sprintf("%s-launches-of-%s-%s", name, side, crash.name), make: failing(side, first, step, last, crash.commands),
					args: []string{"--max-time", "30s"}, codes: []int{1}, promoted: promoted,
				})
			}
			if crash.name == "timeout" { // of which one is enough
				add("the-second", 2, 1, 2, "two")
				out[len(out)-1].args = []string{"--max-time", "3s"}
				continue
			}
			add("the-last-of-one", nightLaunches, 1, nightLaunches, "two")
			add("every-third", 3, 3, 2*nightLaunches)
			add("all", 1, 1, 4*nightLaunches)
		}
	}
	for i, m := range trainMutations() {
		if i%40 == 0 {
			out = append(out, nightCase{name: "word/" + m.name, make: worker(tonightScript, "train 2", m.commands), codes: codesOf(m.want), promoted: []string{"two"}})
		}
	}
	return out
}

func undecided() []nightCase {
	wrong := func(args ...string) nightCase {
		return nightCase{name: fmt.Sprintf("wrong-use-%q", args), args: args, codes: []int{2}}
	}
	return []nightCase{
		{name: "too-few-launches", args: []string{"--launches", "3"}, codes: []int{2}},
		{name: "fewer-launches-than-asked-by-time", args: []string{"--launches", "3000", "--max-time", "3s"}, codes: []int{1}},
		{name: "too-few-launches-by-time", args: []string{"--max-time", "1ms"}, codes: []int{1}},
		{name: "slower-in-both-sessions", make: worker(tonightScript, "train", slowly), codes: []int{3}},
		{name: "slower-in-the-first-session", make: failingNot(tonightScript, nightLaunches, slowly), codes: []int{0}, promoted: []string{"two"}},
		{name: "slower-in-the-first-session-strict", make: failingNot(tonightScript, nightLaunches, slowly), args: []string{"--strict"}, codes: []int{4}, promoted: []string{"two"}},
		{name: "the-good-build-is-slower", make: worker(goodScript, "train", slowly), codes: []int{0}, promoted: both},
		{name: "tonight-hangs", make: worker(tonightScript, "train", "hello\nsleep 10m"), args: []string{"--max-time", "2s"}, codes: []int{1}},
		{name: "tonight-hangs-in-its-first-words", make: worker(tonightScript, "any", "sleep 10m"), args: []string{"--max-time", "2s"}, codes: []int{1}},
		{name: "the-good-build-hangs", make: worker(goodScript, "train", "hello\nsleep 10m"), args: []string{"--max-time", "2s"}, codes: []int{1}},
		{name: "the-build-fails", args: []string{"--build", "exit 2"}, codes: []int{1}},
		{name: "the-build-is-killed", args: []string{"--build", "kill -9 $$"}, codes: []int{1}},
		{name: "the-build-says-130", args: []string{"--build", "exit 130"}, codes: []int{1}},
		{name: "the-build-leaves-a-child", args: []string{"--build", "sleep 600 &"}, codes: []int{0}, promoted: both},
		{name: "tonight-has-no-worker", args: []string{"--worker", "nowhere.sh"}, codes: []int{1}},
		{name: "tonight-cannot-be-executed", args: []string{"--worker", goodScript}, codes: []int{1}},
		{name: "tonights-graph-is-changed", make: func(s *sandbox) error { return alter(s.path("graphs/one/saved_model.pb")) }, codes: []int{1, 2}},
		{name: "tonights-graph-is-gone", make: func(s *sandbox) error { return os.RemoveAll(s.path("graphs/one")) }, codes: []int{1, 2}},
		{name: "the-reports-are-a-file", make: func(s *sandbox) error {
			return errors.Join(os.RemoveAll(s.path(nightFolder+"/reports")), os.WriteFile(s.path(nightFolder+"/reports"), nil, 0o644))
		}, codes: []int{1}},
		{name: "latest-is-a-folder", make: func(s *sandbox) error {
			return errors.Join(os.Remove(s.path(nightFolder+"/latest")), os.MkdirAll(s.path(nightFolder+"/latest/x"), 0o755))
		}, codes: []int{1}},
		wrong("--graphs", " "), wrong("one"), // named twice
		wrong(" "), wrong("../one"), wrong("--launches", "0"), wrong("--launches", "-1"), wrong("--threshold", "0"), wrong("--max-time", "-1s"),
		wrong("--dir", " "), wrong("--accept", "--pin"), wrong("--pin"), wrong("--threshold", "NaN"), wrong("--no-such-flag"),
	}
}

// failingNot makes the first launches of a worker do something else.
func failingNot(name string, last int, commands string) func(*sandbox) error {
	return func(s *sandbox) error {
		var sections strings.Builder
		for i := 1; i <= last; i++ {
			fmt.Fprintf(&sections, "[train %d]\n%s\nexit 0\n", i, commands)
		}
		s.put(name, fmt.Sprintf("job\nlog %s\n%s%s", s.path(name+".log"), sections.String(), good))
		return nil
	}
}

// nightFaults are nights in which something is missing, altered, failing or stopped.
func nightFaults(c *campaign) []fault {
	var out []fault
	for _, list := range [][]nightCase{lostBaselines(), failedLaunches(), undecided()} {
		for i, n := range list {
			out = append(out, fault{kind: "nights", name: n.name, short: i%8 == 0, try: func(s *sandbox) {
				s.night()
				if n.make != nil {
					s.must(n.make(s))
				}
				s.want(s.tonight(n.args...), n.codes...)
				s.wantPromoted(n.promoted...)
			}})
		}
	}
	out = append(out, acceptFaults()...)
	out = append(out, stoppedNights()...)
	out = append(out, fullNights()...)
	return append(out, c.alteredNights()...)
}

// acceptFaults are builds that cannot be accepted.
func acceptFaults() []fault {
	var out []fault
	for _, n := range []nightCase{
		{name: "a-launch-fails", make: failing(tonightScript, 3, 1, 3, "signal 11")},
		{name: "all-launches-fail", make: failing(tonightScript, 1, 1, 4*nightLaunches, "exit 1")},
		{name: "it-hangs", make: worker(tonightScript, "train", "hello\nsleep 10m"), args: []string{"--max-time", "2s"}},
		{name: "it-lies", make: worker(tonightScript, "train 4", say(conversation()[:5])+"done")},
	} {
		out = append(out, fault{kind: "nights", name: "accept/" + n.name, try: func(s *sandbox) {
			s.night()
			s.must(errors.Join(os.RemoveAll(s.path(nightFolder)), n.make(s)))
			s.want(s.tonight(append(n.args, "--accept")...), 1)
			for _, d := range s.promoted() {
				if d.Graph == "one" {
					s.note(silent, "a build was accepted, though not all launches worked")
				}
			}
		}})
	}
	return out
}

// stoppedNights are stopped at some moment; the next night goes on as if they had not
// been.
func stoppedNights() []fault {
	var out []fault
	random := rand.New(rand.NewPCG(12, 4)) // the same moments each time
	for _, how := range interruptions {
		for try := range 4 {
			after := time.Duration(random.IntN(1500)) * time.Millisecond
			out = append(out, fault{kind: "nights", name: fmt.Sprintf("stopped/%s-%d", how.name, try), short: try == 0 && len(how.signals) == 1, try: func(s *sandbox) {
				s.night()
				s.script(tonightScript, "train", interrupted[0].commands)
				r := s.start(s.nightly("--worker", "tonight.sh", "--commit", "tonight")...)
				time.Sleep(after)
				for _, signal := range how.signals {
					_ = r.Process.Signal(signal) // it may have ended
					time.Sleep(20 * time.Millisecond)
				}
				e := r.end()
				s.want(e, ways("run", how.signals)...)
				s.soundNight(e)
				s.script(tonightScript, "none", "")
				s.want(s.tonight(), 0)
			}})
		}
	}
	return append(out, fault{kind: "nights", name: "two-at-once", short: true, try: (*sandbox).twoNights})
}

// twoNights starts a night while another one runs.
func (s *sandbox) twoNights() {
	s.night()
	s.script(tonightScript, "train", interrupted[0].commands)
	first := s.start(s.nightly("--worker", "tonight.sh", "--commit", "tonight")...)
	s.await(func() bool { return s.begun(tonightScript) > 0 })
	other := *s
	other.mark += "-other" // the end of one is not the end of both
	second := other.epochtime(other.nightly("--worker", "tonight.sh", "--commit", "tonight")...)
	other.want(second, 1)
	s.findings = other.findings
	e := first.end()
	s.want(e, 0)
	s.soundNight(e)
	s.wantPromoted(both...)
}

// fullNights have no room for reports or good builds.
func fullNights() []fault {
	var out []fault
	for _, free := range []int{0, 4, 8, 16, 32, 64, 128} {
		out = append(out, fault{kind: "nights", name: fmt.Sprintf("%d-KiB-are-free", free), short: free == 16, try: func(s *sandbox) {
			s.night()
			s.must(os.Rename(s.path(nightFolder), s.path("kept")))
			if !s.smallDisk(nightFolder, 512) {
				return
			}
			s.fill(nightFolder, "kept", free)
			e := s.tonight()
			s.want(e, 0, 1)
			if e.code == 0 {
				s.wantPromoted(both...)
			}
			s.must(os.Remove(s.path(nightFolder + "/ballast")))
			s.want(s.tonight(), 0)
		}})
	}
	return out
}

// fill copies a folder to a disk, and leaves so many KiB free.
func (s *sandbox) fill(disk, from string, free int) {
	s.must(os.Remove(s.path(disk + "/ballast")))
	s.must(os.CopyFS(s.path(disk), os.DirFS(s.path(from))))
	var fs syscall.Statfs_t
	s.must(syscall.Statfs(s.path(disk), &fs))
	ballast := int(fs.Bavail)*int(fs.Bsize) - free<<10
	s.put(disk+"/ballast", strings.Repeat("x", max(0, ballast)))
}
