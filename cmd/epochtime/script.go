package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/exporter"
	"epochtime/harness/graph"
)

// scriptFlags are the flags for a model that is a script: which it is, and which of
// its phases is meant.
type scriptFlags struct {
	modules []string // named by -m
	fit     int      // phase, from 1; 0: all
}

// fitKey is the name of the flag with a phase, and the key of an ab's side.
const fitKey = "fit"

func (f *scriptFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.modules, "module", "m", nil, "`NAME` a script that is the Python module PACKAGE.NAME, as python -m runs it")
	flags.IntVar(&f.fit, fitKey, 0, "`N` only the script's n-th call that trains (default: each call, as a graph of its own)")
}

// models returns the models of -m.
func (f *scriptFlags) models() []string {
	var out []string
	for _, name := range f.modules {
		out = append(out, exporter.Module(name))
	}
	return out
}

// names returns the graphs and models that a command line names: its arguments and
// those of -m. Words behind -- are the arguments of a script if it is all that is
// named before them, and names if nothing is.
func (f *measureFlags) names(cmd *cobra.Command, args []string) ([]string, error) {
	modules, dash := f.models.script.models(), cmd.ArgsLenAtDash()
	if dash < 0 {
		return append(args, modules...), nil
	}
	names := append(slices.Clone(args[:dash]), modules...)
	all := slices.Clone(names)
	if f.sides != nil {
		all = append(all, f.sides()...)
	}
	slices.Sort(all)
	switch all = slices.Compact(all); {
	case len(all) == 0:
		return args, nil
	case len(all) > 1:
		return nil, usagef("behind -- are the arguments of one script, and %d graphs or models are named: %s", len(all), strings.Join(all, ", "))
	case !exporter.IsModel(f.graphs.root, all[0]) || !exporter.IsScript(all[0]):
		return nil, usagef("behind -- are the arguments of a script (FILE.py or -m NAME), and %s is none", all[0])
	}
	for _, word := range args[dash:] {
		var err error
		if f.models.options, err = f.models.options.Add("script-arg", word); err != nil {
			return nil, usagef("%w", err)
		}
	}
	return names, nil
}

// pick returns the phases of a model that are asked for.
func (f *scriptFlags) pick(name string, found []*graph.Manifest) ([]*graph.Manifest, error) {
	switch {
	case f.fit == 0:
		return found, nil
	case f.fit > len(found) && found[0].Script == nil:
		return nil, usagef("--fit %d: %s is one model, and no script that trains several times", f.fit, name)
	case f.fit > len(found):
		return nil, usagef("--fit %d: %s trains only %s", f.fit, name, phases(found))
	}
	return found[f.fit-1 : f.fit], nil
}

// phases lists the phases of a script, such as "twice: 1 (fit at line 12), 2 (fit at
// line 41)".
func phases(found []*graph.Manifest) string {
	times := fmt.Sprintf("%d times", len(found))
	if len(found) <= 2 {
		times = []string{"once", "twice"}[len(found)-1]
	}
	var list []string
	for i, g := range found {
		list = append(list, fmt.Sprintf("%d (%s)", i+1, g.Script.Place()))
	}
	return times + ": " + strings.Join(list, ", ")
}

// one returns the graph of a model for a verb that takes one.
func (f *measureFlags) one(name string, found []*graph.Manifest) (*graph.Manifest, error) {
	if len(found) == 1 {
		return found[0], nil
	}
	how := "choose one with --fit"
	if f.own.Lookup(fitKey) == nil {
		how = "'epochtime export' makes a graph of each, of which one can be named"
	}
	return nil, usagef("%s trains %s; this takes one of them: %s", name, phases(found), how)
}
