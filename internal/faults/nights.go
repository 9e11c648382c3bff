//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// nightLaunches is the number of launches a side of each session of a night.
const nightLaunches = 6

// nightFolder is where a night keeps good builds and reports.
const nightFolder = "nightly"

// The workers of a night are shell scripts, which are sealed. What they do is in these
// files of the sandbox, so that a fault can change what the good build does.
const goodScript, tonightScript = "a.txt", "b.txt"

// night makes what a night needs: the good builds of the sample, and tonight's worker.
func (s *sandbox) night() {
	s.must(exec.Command("cp", "-a", s.samples.nights, s.path(nightFolder)).Run())
	s.script(goodScript, "none", "")
	s.script(tonightScript, "none", "")
	s.put("tonight.sh", nightWorker(s.scripted, tonightScript))
	s.must(os.Chmod(s.path("tonight.sh"), 0o755))
}

func nightWorker(program, script string) string {
	return "#!/bin/sh\nexec " + program + " " + script + "\n"
}

// script writes the script of a night's worker.
func (s *sandbox) script(name, section, commands string) {
	s.put(name, script(s.path(name+".log"), section, commands))
}

// measureNights accepts the good builds that nights are compared with.
func (c *campaign) measureNights() error {
	s, err := c.sandbox(fault{})
	if err != nil {
		return err
	}
	s.script(goodScript, "none", "")
	s.put("good.sh", nightWorker(s.scripted, goodScript))
	s.must(os.Chmod(s.path("good.sh"), 0o755))
	s.want(s.epochtime(s.nightly("--accept", "--worker", "good.sh", "--commit", "good")...), 0)
	if len(s.findings) > 0 {
		return errors.New("no good build could be made: " + s.findings[0].text)
	}
	c.samples.nights = filepath.Join(c.dir, nightFolder)
	s.must(os.Rename(s.path(nightFolder), c.samples.nights))
	return s.close()
}

// nightly returns the arguments of a night of both graphs.
func (s *sandbox) nightly(extra ...string) []string {
	return append([]string{"nightly", "one", "two", "--allow-concurrent", "--launches", fmt.Sprint(nightLaunches)}, extra...)
}

// tonight measures tonight's build, and checks what holds of every night.
func (s *sandbox) tonight(extra ...string) ended {
	e := s.epochtime(s.nightly(append([]string{"--worker", "tonight.sh", "--commit", "tonight"}, extra...)...)...)
	s.soundNight(e)
	return e
}

// decision is an entry of the ledger of good builds.
type decision struct {
	Action string `json:"action"`
	Role   string `json:"role"`
	Graph  string `json:"graph"`
	Commit string `json:"commit"`
	Record string `json:"record_sha256"`
}

// promoted returns the decisions that made tonight's build the good one of a graph. The
// records of earlier ones are not kept.
func (s *sandbox) promoted() []decision {
	last := map[string]decision{}
	for line := range strings.Lines(s.get(nightFolder + "/ledger.jsonl")) {
		var l struct{ Entry decision }
		if json.Unmarshal([]byte(line), &l) != nil { // the fault may be here
			continue
		}
		if d := l.Entry; d.Role == "good" && d.Commit != "good" {
			last[d.Graph] = d
		}
	}
	return slices.Collect(maps.Values(last))
}

// soundNight checks that what was promoted was compared whole, and that the report is
// of this night.
func (s *sandbox) soundNight(e ended) {
	for _, d := range s.promoted() {
		rec := s.read(nightFolder + "/records/" + d.Record[:12])
		s.sound(rec)
		list := launches(rec)
		if ok := count(list, record.OK); rec == nil || ok != len(list) || ok < 2*nightLaunches {
			s.note(silent, "%s was promoted after %d launches, of which %d worked", d.Graph, len(list), ok)
		}
	}
	if e.code > 0 && e.code != 2 && e.code < 128 {
		report := "latest/report.md"
		was, _ := os.ReadFile(filepath.Join(s.samples.nights, report))
		if is, err := os.ReadFile(s.path(nightFolder + "/" + report)); err == nil && string(is) == string(was) {
			s.note(silent, "the latest report is an older night's")
		}
	}
}

// wantPromoted checks which graphs were promoted.
func (s *sandbox) wantPromoted(want ...string) {
	var got []string
	for _, d := range s.promoted() {
		got = append(got, d.Graph)
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			s.note(silent, "%s was promoted", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			s.note(otherwise, "%s was not promoted", name)
		}
	}
}

// sealedFiles are the files of the sample that the good builds need.
func (c *campaign) sealedFiles() []string {
	var out []string
	_ = filepath.WalkDir(c.samples.nights, func(path string, d os.DirEntry, err error) error {
		name, _ := filepath.Rel(c.samples.nights, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == "reports":
			return filepath.SkipDir
		case d.Type().IsRegular() && name != "lock":
			out = append(out, name)
		}
		return nil
	})
	return out
}

// short forms of the names of sealed files, whose folders have hashes for names.
func sealedName(i int, path string) string {
	parts := strings.Split(path, string(filepath.Separator))
	for j, p := range parts {
		if len(p) == 12 {
			parts[j] = fmt.Sprintf("%.6s…", p)
		}
	}
	return fmt.Sprintf("%d-%s", i, strings.Join(parts, "-"))
}

// alteredNights are good builds of which a file was altered.
func (c *campaign) alteredNights() []fault {
	flip := func(share int) func([]byte) []byte {
		return func(text []byte) []byte {
			text[(len(text)-1)*share/100] ^= 1
			return text
		}
	}
	changes := []struct {
		name   string
		change func([]byte) []byte // nil removes the file
	}{
		{"is-gone", nil},
		{"first-bit", flip(0)}, {"middle-bit", flip(50)}, {"last-bit", flip(100)},
		{"cut", func(text []byte) []byte { return text[:len(text)/2] }},
		{"empty", func([]byte) []byte { return nil }},
		{"longer", func(text []byte) []byte { return append(text, 'x') }},
	}
	var out []fault
	for i, file := range c.sealedFiles() {
		for j, change := range changes {
			out = append(out, fault{kind: "nights", name: "altered/" + sealedName(i, file) + "-" + change.name, short: i == j, try: func(s *sandbox) {
				s.night()
				path := s.path(nightFolder + "/" + file)
				if change.change == nil {
					s.must(os.Remove(path))
				} else {
					text, err := os.ReadFile(path)
					s.must(errors.Join(err, os.WriteFile(path, change.change(text), 0o644)))
				}
				s.want(s.tonight(), 1)
			}})
		}
	}
	return out
}
