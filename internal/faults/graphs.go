//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"epochtime/internal/testgraph"
)

// graphFiles are the files of a graph's folder.
var graphFiles = []string{"graph.json", "saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001", parityFile}

// parityFile is what the sha256 of a graph does not cover.
const parityFile = "parity.npz"

// brokenGraph is a graph's folder in which something is wrong.
type brokenGraph struct {
	name  string
	codes []int
	make  func(s *sandbox, file func(string) string) error
}

func brokenGraphs() []brokenGraph {
	var out []brokenGraph
	codes := []int{1, 2}
	add := func(name string, make func(s *sandbox, file func(string) string) error) {
		out = append(out, brokenGraph{name, codes, make})
	}
	for _, name := range graphFiles {
		if name == parityFile { // a scripted worker does not read it; a real one does
			codes = []int{0, 1, 2}
		}
		add("without-"+name, func(_ *sandbox, file func(string) string) error { return os.Remove(file(name)) })
		add("empty-"+name, func(_ *sandbox, file func(string) string) error { return os.WriteFile(file(name), nil, 0o644) })
		add("changed-"+name, func(_ *sandbox, file func(string) string) error { return alter(file(name)) })
		add("a-folder-for-"+name, func(_ *sandbox, file func(string) string) error {
			return errors.Join(os.Remove(file(name)), os.Mkdir(file(name), 0o755))
		})
		add("a-link-to-itself-for-"+name, func(_ *sandbox, file func(string) string) error {
			return errors.Join(os.Remove(file(name)), os.Symlink(file(name), file(name)))
		})
	}
	codes = []int{1, 2}
	for i := range 12 {
		add(fmt.Sprintf("manifest-cut-%d", i), func(_ *sandbox, file func(string) string) error {
			text, err := os.ReadFile(file("graph.json"))
			return errors.Join(err, os.WriteFile(file("graph.json"), text[:len(text)*i/12], 0o644))
		})
	}
	for _, change := range []string{
		"format=2", "format=0", `format="1"`, `sha256=""`, `sha256="00"`, `sha256="` + strings.Repeat("0", 64) + `"`, "inputs=[]", "inputs=7", "targets=null", "signatures={}",
		`signatures.train={"key":"other","loss":"l"}`, "settings.samples=-1", "settings.samples=1e30", "settings.batch=0", "settings.batch=-32", "settings.epochs=0", "parity.batch=-1",
		`parity.file="../../secret"`, `parity.file="/etc/passwd"`, "parity.losses=[]", "parity.losses=[1]", "parity.tolerance=-1", "parity.tolerance=0", "data={}", `data.kind="of a later version"`, "model=7", "reset={}",
	} {
		out = append(out, brokenGraph{"manifest-with-" + change, []int{0, 1, 2}, func(_ *sandbox, file func(string) string) error {
			return errors.Join(os.RemoveAll(file("")), testgraph.Write(strings.TrimSuffix(file(""), "/"), change))
		}})
	}
	return out
}

// alter changes a byte of a file.
func alter(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text[len(text)/2] ^= 0x10
	return os.WriteFile(path, text, 0o644)
}

// graphFaults are graphs that are broken before a measurement or within one.
func graphFaults(*campaign) []fault {
	var out []fault
	for i, g := range brokenGraphs() {
		out = append(out, fault{kind: "graphs", name: g.name, short: i%12 == 0, try: func(s *sandbox) {
			s.must(g.make(s, func(name string) string { return s.path("graphs/one/" + name) }))
			e := s.epochtime(s.measuring("run", 2, s.workers("worker", "none", ""))...)
			s.want(e, g.codes...)
			if n := s.begun("worker"); n > 0 && e.code > 0 {
				s.note(otherwise, "%d launches were begun before the error", n)
			}
			s.want(s.epochtime("list"), 0, 1)
			s.want(s.epochtime(s.measuring("run", 2, s.workers("worker", "none", ""), "--graphs", s.path("graphs"))...), g.codes...)
		}})
	}
	return append(out, changedGraphs()...)
}

// changedGraphs are graphs that change between an interruption and its --resume.
func changedGraphs() []fault {
	var out []fault
	random := rand.New(rand.NewPCG(12, 3))
	for _, name := range graphFiles[:len(graphFiles)-1] {
		at := 1 + random.IntN(3)
		out = append(out, fault{kind: "graphs", name: "resume-after-a-change-of-" + name, short: name == "graph.json", try: func(s *sandbox) {
			worker := s.workers("worker", fmt.Sprintf("train %d", at+1), before(4)+"sleep 10m")
			r := s.start(s.measuring("run", 5, worker)...)
			s.await(func() bool { return s.begun("worker") > at })
			s.must(r.Process.Signal(os.Interrupt))
			s.want(r.end(), 130)
			was := s.get(recordName)
			s.must(alter(s.path("graphs/one/" + name)))
			s.put("worker", script(s.path("worker.log"), "none", ""))
			s.want(s.epochtime("run", "--resume", recordName, "--allow-concurrent"), 1, 2)
			if s.get(recordName) != was {
				s.note(lost, "the record was changed, though its graph is another one")
			}
		}})
	}
	return out
}
