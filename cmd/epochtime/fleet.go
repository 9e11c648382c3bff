package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/exporter"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/roster"
	"epochtime/harness/setting"
	"epochtime/internal/interrupt"
)

// fleetFlags are the flags of 'epochtime fleet'.
type fleetFlags struct {
	measureFlags
	suite    string
	parallel int
}

func newFleet(s streams) *cobra.Command {
	f := &fleetFlags{measureFlags: newMeasureFlags(6)}
	cmd := &cobra.Command{
		Use:   "fleet MACHINES.toml GRAPH... | MACHINES.toml --suite NAME",
		Short: "Measure graphs on many machines at once",
		Long: `Measures the epoch times of graphs or models on each machine of a list. Each
machine runs one launch at a time, and the machines work side by side. All of
it is one record.

MACHINES.toml has a table for each machine, with its name and its settings, by
the names of their flags:

  [defaults]
  device = "gpu"

  [[machine]]
  name = "gpu7"
  worker = "ssh gpu7 epochtime-worker"

  [[machine]]
  name = "desk"
  device = "cpu"

A machine without a worker is this one.

A worker on another machine is sent the graphs, the data and the files that
pipelines read, each content once. It keeps them in its user's cache folder. The
clock of a launch is that of its worker, and nothing is sent inside an epoch.

A machine that fails costs the others nothing. Its reason is in the record, and
the exit code is 1. An interrupted record is continued with --resume.`,
		Example: `  epochtime fleet machines.toml --suite article --json fleet.json
  epochtime fleet machines.toml cnn --launches 10 --parallel 100
  epochtime fleet --resume fleet.json
  epochtime report fleet.json --format html --out fleet.html`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args, s) },
	}
	flags := cmd.Flags()
	worker, _ := setting.Find("worker")
	runtime, _ := setting.Find("runtime")
	f.add(flags, worker, runtime)
	flags.Lookup("machine-name").Hidden = true // the list has names
	flags.StringVar(&f.suite, "suite", "", "`NAME` measure a set of graphs: "+strings.Join(exporter.Suites(), ", "))
	f.addMaxTime(flags, ", on each machine")
	flags.IntVar(&f.parallel, "parallel", 0, "`N` machines that measure at the same time (default: all)")
	return cmd
}

func (f *fleetFlags) run(cmd *cobra.Command, args []string, s streams) error {
	ctx := cmd.Context()
	defer func() { f.saver.close() }()
	fleet, err := f.prepare(cmd, args, s)
	if err != nil || fleet == nil { // nothing is left to do
		return err
	}
	interrupt.Hold(ctx)
	if slices.ContainsFunc(fleet.Record().Runs, func(r record.Run) bool { return len(r.Config.Worker) == 0 }) {
		unlock, err := f.lock()
		if err != nil {
			return err
		}
		defer unlock()
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a thousand machines: less memory for some processor time
	}
	out, err := f.carryOut(ctx, s, fleet)
	f.show(out, fleet, err)
	if err == nil && !fleet.Measured() { // the time limit may have left all out
		return measure.ErrNoResult
	}
	return err
}

// prepare returns the fleet of the command line, or nil if the record to continue is
// complete.
func (f *fleetFlags) prepare(cmd *cobra.Command, args []string, s streams) (*measure.Fleet, error) {
	if f.parallel < 0 {
		return nil, usagef("--parallel %d is negative", f.parallel)
	}
	if f.resume != "" {
		rec, o, err := f.interrupted(cmd, args, s)
		if err != nil {
			return nil, err
		}
		fleet, err := measure.ResumeFleet(rec, f.parallel, o)
		if err != nil {
			return nil, f.cannotResume(s, rec, err)
		}
		return fleet, nil
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	args, err := f.names(cmd, args)
	switch {
	case err != nil:
		return nil, err
	case len(args) == 0:
		return nil, usagef("name the file that lists the machines, and the graphs to measure")
	case f.own.Changed("machine-name"):
		return nil, usagef("--machine-name: the list of machines has their names")
	}
	machines, err := readRoster(args[0])
	if err != nil {
		return nil, err
	}
	o, err := f.options(s)
	if err != nil {
		return nil, err
	}
	units, err := f.units(cmd.Context(), s, machines, args[1:])
	if err != nil {
		return nil, err
	}
	o.Suite = f.suite
	return measure.NewFleet(units, f.parallel, o)
}

// readRoster reads the list of machines.
func readRoster(path string) ([]roster.Machine, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, input(err)
	}
	defer file.Close() // it was only read
	machines, err := roster.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return machines, nil
}

// units returns what is measured on each machine.
func (f *fleetFlags) units(ctx context.Context, s streams, machines []roster.Machine, names []string) ([]measure.Unit, error) {
	found, err := f.findGraphs(ctx, s, f.suite, names)
	if err != nil {
		return nil, err
	}
	var out []measure.Unit
	var all []measure.Configuration
	for _, m := range machines {
		for _, g := range found {
			c := f.configuration(g.Manifest, g.name)
			if err := m.Apply(&c.Config); err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	if err := measure.ConfigureAll(all); err != nil {
		return nil, err
	}
	for i, m := range machines {
		out = append(out, measure.Unit{Name: m.Name, List: all[i*len(found) : (i+1)*len(found)]})
	}
	return out, nil
}
