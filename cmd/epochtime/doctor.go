package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// doctorGraph is what the doctor trains: small, and there after 'make bench'.
const doctorGraph = "linear"

func newDoctor(s streams) *cobra.Command {
	var graphs graphFlags
	var worker workerFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check that training works here, and what would disturb it",
		Long: `Shows what TensorFlow this is, the devices it sees and the machine it runs on;
multiplies two matrices, trains a small graph and compares it with Keras; and
says what would disturb a measurement now. Exits with 1 if training does not
work.`,
		Example: "  epochtime doctor\n  epochtime doctor --worker 'ssh gpu7 epochtime-worker'",
		Args:    noArgs,
		PreRunE: func(*cobra.Command, []string) error { return worker.check() },
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := worker.launcher()
			if err != nil {
				return err
			}
			return examine(cmd.Context(), s.out, w, graphs.root, record.Config{
				Device: worker.device, IntraOp: worker.intraOp, InterOp: worker.interOp, Env: w.Env,
			})
		},
	}
	graphs.add(cmd.Flags())
	worker.add(cmd.Flags())
	return cmd
}

// examine prints one finding after the other.
func examine(ctx context.Context, out io.Writer, w *launch.Worker, root string, c record.Config) error {
	load, loadKnown := machine.Load() // before the worker adds its own
	o, err := w.Run(ctx, protocol.Job{Kind: protocol.Doctor, Config: c}, nil)
	if err != nil {
		return startError(err)
	}
	if o.Launch.Status != record.OK || o.Hello == nil || o.Doctor == nil {
		return fmt.Errorf("the worker does not work: %w", outcomeError(o))
	}
	printMachine(out, o.Hello, c)
	if loadKnown {
		line(out, "load", fmt.Sprintf("%.2f runnable threads on %d cores, over a minute", load, o.Hello.Machine.Cores))
	}
	if err := printProduct(out, o.Doctor); err != nil {
		return err
	}
	if err := trainSmall(ctx, out, w, root, c); err != nil {
		return err
	}
	concerns := machine.Concerns(o.Hello.Machine, load)
	if len(concerns) == 0 {
		fmt.Fprintln(out, "\nNothing here would disturb a measurement.")
		return nil
	}
	fmt.Fprintln(out, "\nThis would disturb a measurement:")
	for _, text := range concerns {
		fmt.Fprintln(out, "  -", text)
	}
	return nil
}

func line(out io.Writer, name, text string) {
	if text == "" {
		text = "unknown"
	}
	fmt.Fprintf(out, "%-16s %s\n", name, text)
}

func printMachine(out io.Writer, h *protocol.Hello, c record.Config) {
	m := h.Machine
	line(out, "TensorFlow", h.TensorFlow)
	for _, d := range h.Devices {
		line(out, "device", d.Name)
	}
	line(out, "machine", m.Hostname+", "+m.OS+", kernel "+m.Kernel)
	line(out, "processor", fmt.Sprintf("%s, %d cores for this process", m.CPU, m.Cores))
	line(out, "threads", fmt.Sprintf("%s within an operation, %s across operations", threads(c.IntraOp), threads(c.InterOp)))
	line(out, "features", strings.Join(m.CPUFeatures, " "))
	line(out, "governor", m.Governor)
	line(out, "memory", report.Bytes(m.MemoryBytes))
	limit := "none"
	if m.CPULimit > 0 || m.MemoryLimit > 0 {
		limit = fmt.Sprintf("%.2g cores, %s of memory (0 and – are unlimited)", m.CPULimit, report.Bytes(m.MemoryLimit))
	}
	line(out, "container limit", limit)
}

// threads is what TensorFlow is told about threads.
func threads(asked int) string {
	if asked == 0 {
		return "one a core"
	}
	return fmt.Sprint(asked)
}

func printProduct(out io.Writer, h *protocol.Health) error {
	if h.MatMulError > 0 {
		return fmt.Errorf("the product of two matrices is wrong by up to %g: this TensorFlow does not compute correctly here", h.MatMulError)
	}
	n := float64(h.MatMulSize)
	line(out, "matrix product", fmt.Sprintf("correct; %d×%d float32 in %s, %s floating-point operations/s",
		h.MatMulSize, h.MatMulSize, report.Seconds(h.MatMulSeconds), report.Rate(2*n*n*n/h.MatMulSeconds)))
	return nil
}

// trainSmall trains a small graph and compares its losses with Keras's.
func trainSmall(ctx context.Context, out io.Writer, w *launch.Worker, root string, c record.Config) error {
	g, err := graph.Find(root, doctorGraph)
	if err != nil {
		line(out, "training", fmt.Sprintf("not tried: no graph %q in %s; 'epochtime export %s' makes it", doctorGraph, root, doctorGraph))
		return nil
	}
	result, err := checkParity(ctx, w, g, c, true)
	if err != nil {
		return err
	}
	line(out, "training", fmt.Sprintf("works; %s agrees with Keras to %.1g over %d steps", g.Name, result.MaxDifference, g.Parity.Steps))
	return nil
}
