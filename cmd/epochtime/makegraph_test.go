package main

import (
	"github.com/rogpeppe/go-internal/testscript"

	"epochtime/internal/testgraph"
)

// makegraph DIR [PATH=JSON…]: writes a graph folder with the changes that
// testgraph.Write takes.
func makeGraph(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: makegraph DIR [PATH=JSON…]")
	}
	ts.Check(testgraph.Write(ts.MkAbs(args[0]), args[1:]...))
}
