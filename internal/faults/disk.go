//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"epochtime/harness/record"
)

// smallDisk makes a disk of some KiB at a folder of the sandbox, of which so many are
// free. Where this program may not mount one, the fault is left out.
func (s *sandbox) smallDisk(name string, free int) bool {
	const size = 512
	dir := s.path(name)
	s.must(os.MkdirAll(dir, 0o755))
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", size))
	if err != nil {
		s.left = fmt.Sprintf("a small disk takes the right to mount: %v", err)
		return false
	}
	s.undo = append(s.undo, func() error { return syscall.Unmount(dir, syscall.MNT_DETACH) })
	err = os.WriteFile(s.path(name+"/ballast"), make([]byte, (size-free)<<10), 0o644)
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		s.must(err)
	}
	return true
}

// fullDisk is a disk that is or becomes full while something is written there.
func fullDisk(verb string, free int) fault {
	f := fault{kind: "disks", name: fmt.Sprintf("%d-KiB-for-the-record-of-%s", free, verb), short: free == 8}
	f.try = func(s *sandbox) {
		if !s.smallDisk("disk", free) {
			return
		}
		worker := s.workers("worker", "none", "")
		command := s.measuring(verb, 5, worker)
		for i, word := range command {
			if word == recordName {
				command[i] = "disk/" + recordName
			}
		}
		e := s.epochtime(command...)
		rec := s.read("disk/" + recordName)
		s.sound(rec)
		if rec == nil || rec.Status != record.Complete {
			s.want(e, 1)
		}
		begun := s.begun("worker") + s.begun("side-a")
		if have := max(len(launches(rec)), s.inHistory()); have < begun-1 {
			s.note(lost, "%d launches were begun; the record and the history have %d", begun, have)
		}
		s.must(os.Remove(s.path("disk/ballast")))
		if rec == nil {
			s.want(s.epochtime(command...), complete[verb]...)
			return
		}
		s.want(s.epochtime(verb, "--resume", "disk/"+recordName, "--allow-concurrent"), complete[verb]...)
		if n := count(launches(s.read("disk/"+recordName)), record.OK); n != 5*len(rec.Runs) {
			s.note(lost, "%d launches worked after --resume, want %d", n, 5*len(rec.Runs))
		}
	}
	return f
}

// inHistory returns how many launches the newest record of the history has.
func (s *sandbox) inHistory() int {
	if e := s.epochtime("history", "show", "@last", "--json", "kept.json"); e.code != 0 {
		return 0
	}
	return len(launches(s.read("kept.json")))
}

// beside are places other than the record's that may be full: a measurement goes on
// without them.
func beside(place string, free int, short bool) fault {
	f := fault{kind: "disks", name: fmt.Sprintf("%d-KiB-for-%s", free, place), short: short}
	f.try = func(s *sandbox) {
		if !s.smallDisk("home/disk", free) {
			return
		}
		s.must(errors.Join(os.RemoveAll(s.path(place)), os.Symlink(s.path("home/disk"), s.path(place))))
		s.want(s.epochtime(append(s.measuring("run", 3, s.workers("worker", "none", "")), "--db", place+"/history.db")...), 0)
		if n := count(launches(s.read(recordName)), record.OK); n != 3 {
			s.note(lost, "%d launches are in the record, want 3", n)
		}
	}
	return f
}

// fileLimit bounds the size of every file, as a quota does.
func fileLimit(verb string, blocks int) fault {
	f := fault{kind: "disks", name: fmt.Sprintf("files-of-at-most-%d-blocks-in-%s", blocks, verb), short: verb == "run" && blocks == 8}
	f.try = func(s *sandbox) {
		command := s.measuring(verb, 4, s.workers("worker", "none", ""))
		s.limits = fmt.Sprintf("ulimit -f %d", blocks)
		e := s.epochtime(command...)
		s.limits = ""
		rec := s.read(recordName)
		s.sound(rec)
		if rec == nil || rec.Status != record.Complete {
			s.want(e, 1)
		} else {
			s.want(e, append(complete[verb], 1)...)
		}
	}
	return f
}

// complete are the exit codes of a measurement that was completed. These launches are
// too few for a verdict.
var complete = map[string][]int{"run": {0}, "ab": {0, 4}, "sweep": {0}, "tune": {0, 3, 4}}

// fullOutput is a standard output that takes nothing.
func fullOutput(args ...string) fault {
	f := fault{kind: "disks", name: fmt.Sprintf("a-full-stdout-of-%q", args), short: len(args) == 1}
	f.try = func(s *sandbox) {
		s.put("run.json", s.samples.run)
		s.put("ab.json", s.samples.ab)
		s.put("history.db", s.samples.history)
		s.put("data.csv", "x,y\n1,2\n3,4\n")
		for i, word := range args {
			if word == "WORKER" {
				args[i] = s.workers("worker", "none", "")
			}
		}
		s.stdout = "/dev/full"
		s.want(s.epochtime(args...), 1)
	}
	return f
}

func diskFaults(*campaign) []fault {
	var out []fault
	for _, verb := range []string{"run", "ab", "sweep"} {
		for _, free := range []int{0, 4, 8, 12, 16, 24, 32} {
			out = append(out, fullDisk(verb, free))
		}
		for _, blocks := range []int{0, 1, 4, 8, 16, 32, 64} {
			out = append(out, fileLimit(verb, blocks))
		}
	}
	for _, place := range []string{"home/data", "home/cache", "tmp"} {
		for _, free := range []int{0, 4, 64} {
			out = append(out, beside(place, free, place == "tmp" && free == 0))
		}
	}
	for _, format := range []string{"text", "markdown", "csv", "json", "benchfmt", "openmetrics", "junit", "mllog"} {
		out = append(out, fullOutput("report", "run.json", "--format", format))
	}
	for _, args := range [][]string{
		{"version"}, {"list"}, {"--help"}, {"run", "--help"}, {"completion", "bash"}, {"compare", "ab.json"}, {"compare", "ab.json", "--json", "-"},
		{"history"}, {"history", "list", "--json", "-"}, {"history", "show", "@last"}, {"history", "show", "@last", "--json", "-"}, {"history", "export", "@last", "--to", "-"},
		{"history", "trend", "one"}, {"data", "data.csv"}, {"doctor", "--worker", "WORKER"},
		{"run", "one", "--launches", "1", "--allow-concurrent", "--worker", "WORKER"}, {"run", "one", "--launches", "1", "--json", "-", "--allow-concurrent", "--worker", "WORKER"},
		{"run", "one", "--launches", "1", "--csv", "-", "--allow-concurrent", "--worker", "WORKER"},
		{"ab", "one", "--b", "prefetch=0", "--launches", "2", "--allow-concurrent", "--worker", "WORKER"}, {"sweep", "one", "--prefetch", "0,2", "--launches", "1", "--allow-concurrent", "--worker", "WORKER"},
	} {
		out = append(out, fullOutput(args...))
	}
	return out
}
