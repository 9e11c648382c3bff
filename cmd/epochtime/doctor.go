package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/measure"
	"epochtime/harness/monitor"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/interrupt"
)

// doctorGraph is the graph that the doctor trains. It is small, and 'make bench'
// exports it.
const doctorGraph = "linear"

func newDoctor(s streams) *cobra.Command {
	f := newMeasureFlags(0)
	f.config.Batch = 0
	var n noiseFlags
	var noise bool
	cmd := &cobra.Command{
		Use:   "doctor [--noise [GRAPH]]",
		Short: "Check that training works and what would disturb a measurement",
		Long: `Shows the Python that exports models, the worker's TensorFlow, its devices, the
machine, and what of it cannot be read here. Multiplies two matrices, trains a
small graph, and compares its losses with Keras's. Shows what each named worker
sees, and names what would disturb a measurement now. With what is missing comes
the command that mends it. The exit code is 1 if training does not work.

With --noise, measures GRAPH (default: linear) against itself instead, and keeps
in the history by how much epochs, launches and sessions differ when nothing
changes. 'epochtime compare' of two sessions needs eight such pairs of sessions,
an hour or more apart: run this from a timer.`,
		Example: "  epochtime doctor\n  epochtime doctor --worker 'ssh gpu7 epochtime-worker'\n  epochtime doctor --noise cnn",
		Args: func(cmd *cobra.Command, args []string) error {
			if noise && len(args) <= 1 {
				return nil
			}
			return noArgs(cmd, args)
		},
		ValidArgsFunction: f.graphs.complete,
		PreRunE:           func(*cobra.Command, []string) error { return n.check(&f) },
		RunE: func(cmd *cobra.Command, args []string) error {
			if noise {
				return n.noise(cmd.Context(), s, &f, append(args, doctorGraph)[0])
			}
			interrupt.Hold(cmd.Context())
			out := findings{s.out, widthOf(s.out)}
			out.python(cmd.Context(), f.models.python)
			w, err := measure.WorkersOf(f.models.python)(f.config)
			if err != nil {
				return err
			}
			return examine(cmd.Context(), out, w, f.graphs.root, f.config)
		},
	}
	f.own = cmd.Flags()
	f.graphs.add(cmd.Flags())
	addSettings(cmd.Flags(), &f.config, workerSettings())
	addPython(cmd.Flags(), &f.models.python)
	cmd.Flags().BoolVar(&noise, "noise", false, "measure the noise of this machine: a graph against itself")
	n.add(cmd.Flags())
	f.addMaxTime(cmd.Flags(), "")
	cmd.Flags().Lookup("max-time").Usage = "`TIME` time limit for all of measuring, with --noise"
	return cmd
}

// findings writes the doctor's findings, wrapped to a width; 0 is unlimited.
type findings struct {
	io.Writer
	width int
}

// line writes one finding.
func (f findings) line(name, text string) {
	if text == "" {
		text = "unknown"
	}
	fmt.Fprintln(f, report.Wrap(fmt.Sprintf("%-16s ", name), text, f.width))
}

// examine finds and prints everything but noise.
func examine(ctx context.Context, out findings, w measure.Launcher, root string, c record.Config) error {
	load, loadKnown := machine.Load() // without the worker's
	o, err := measure.CheckWorker(ctx, w, c)
	if err != nil {
		return err
	}
	out.machine(o.Hello, c)
	if loadKnown {
		out.line("load", fmt.Sprintf("%.2f runnable threads on %d cores, over a minute", load, o.Hello.Machine.Cores))
	}
	if m := monitor.New(monitor.Options{Machine: machine.Fingerprint}); m.Here(o.Hello.Machine) {
		out.line("energy", m.Energy())
	}
	if err := out.product(o.Doctor); err != nil {
		return err
	}
	if err := out.training(ctx, w, root, c); err != nil {
		return err
	}
	out.workers(ctx)
	out.concerns(machine.Concerns(o.Hello.Machine, load))
	return nil
}

func (f findings) machine(h *protocol.Hello, c record.Config) {
	m := h.Machine
	f.line("TensorFlow", report.TensorFlow(h.TensorFlow, h.Build))
	for _, d := range h.Devices {
		f.line("device", d.Name)
	}
	fmt.Fprintln(f)
	for _, fact := range report.Machine(m) {
		f.line(fact.Name, fact.Text)
	}
	for _, text := range machine.Missing(m) {
		f.line("missing", text)
	}
	fmt.Fprintln(f)
	f.line("threads", fmt.Sprintf("%s within an operation, %s across operations", threads(c.IntraOp), threads(c.InterOp)))
}

// threads returns the number of threads that TensorFlow is asked to use.
func threads(asked int) string {
	if asked <= 0 {
		return "one per core"
	}
	return fmt.Sprint(asked)
}

func (f findings) product(h *protocol.Health) error {
	if h.MatMulError > 0 {
		return fmt.Errorf("the product of two matrices is wrong by up to %g: this TensorFlow does not compute correctly here", h.MatMulError)
	}
	n := float64(h.MatMulSize)
	f.line("matrix product", fmt.Sprintf("correct; %d×%d float32 in %s, %s",
		h.MatMulSize, h.MatMulSize, report.Seconds(h.MatMulSeconds), report.Flops(2*n*n*n/h.MatMulSeconds)))
	return nil
}

// training trains a small graph and compares its losses with Keras's.
func (f findings) training(ctx context.Context, w measure.Launcher, root string, c record.Config) error {
	g, err := graph.Find(root, doctorGraph)
	if errors.As(err, new(*graph.NotFoundError)) {
		f.line("training", fmt.Sprintf("not tried: no graph %q in %s; 'epochtime export %s' makes it", doctorGraph, root, doctorGraph))
		return nil
	}
	if err != nil {
		return err
	}
	result, err := measure.CheckParity(ctx, w, g, c, true)
	if err != nil {
		return err
	}
	agreement := "exactly"
	if result.MaxDifference > 0 {
		agreement = fmt.Sprintf("to %.1g", result.MaxDifference)
	}
	f.line("training", fmt.Sprintf("works; %s agrees with Keras %s over %d steps", g.Name, agreement, g.Parity.Steps))
	return nil
}

// concerns prints what would disturb a measurement.
func (f findings) concerns(list []string) {
	if len(list) == 0 {
		fmt.Fprintln(f, "\nNothing here would disturb a measurement.")
		return
	}
	fmt.Fprintln(f, "\nThis would disturb a measurement:")
	for _, text := range list {
		fmt.Fprintln(f, report.Wrap("  - ", text, f.width))
	}
}
