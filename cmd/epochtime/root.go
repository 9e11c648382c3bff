package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"epochtime/harness/record"
	"epochtime/internal/harmless"
)

// streams are the standard streams of a verb. Output has a type of its own, so that
// no verb can show hostile text as it is.
type streams struct {
	in       io.Reader
	out, err *harmless.Writer
}

func newStreams(in io.Reader, out, err io.Writer) streams {
	return streams{in, harmless.NewWriter(out), harmless.NewWriter(err)}
}

// flush writes what the streams have kept.
func (s streams) flush() error { return errors.Join(s.out.Flush(), s.err.Flush()) }

// isTerminal reports whether w is a terminal, and its descriptor.
func isTerminal(w io.Writer) (fd int, yes bool) {
	if p, ok := w.(*harmless.Writer); ok {
		w = p.Stream()
	}
	f, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// widthOf returns the width of the terminal w in columns, or 0 if w is not one.
func widthOf(w io.Writer) int {
	fd, yes := isTerminal(w)
	if !yes {
		return 0
	}
	width, _, err := term.GetSize(fd)
	if err != nil {
		return 0
	}
	return width
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "epochtime",
		Short: "Measure how long each epoch of training takes",
		Long: `epochtime measures how long each epoch of training takes for a Keras model, on
this machine, with these settings.

Exit codes: 0 success, 1 error, 2 wrong use, 3 regression, 4 inconclusive,
130 interrupted (what was measured is kept), 141 stdout was closed, as by head.`,
		Example: `  epochtime run --suite article
  epochtime run cnn --batch 64 --epochs 5 --launches 6 --json cnn.json
  epochtime list`,
		Version:       record.Program,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			var verbs []string
			for _, c := range cmd.Commands() {
				verbs = append(verbs, c.Name())
			}
			hint := suggestion(args[0], verbs)
			if hint == "" {
				hint = ": see 'epochtime --help'"
			}
			return usagef("no verb %q%s", args[0], hint)
		},
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("epochtime {{.Version}}\n")
	layoutHelp(root)
	root.AddCommand(newRun(s), newAB(s), newSweep(s), newTune(s), newFactors(s), newExplain(s), newEstimate(s), newProbe(s), newLargest(s), newFleet(s), newUpgrade(s), newNightly(s), newCompare(s), newReport(s), newHistory(s), newBundle(s), newTrace(s), newList(s), newData(s), newDoctor(s), newExport(s), newVersion(s))
	completeFlags(root)
	return root
}

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.out, "epochtime", record.Program)
			return err
		},
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, but was given %q", cmd.CommandPath(), args[0])
	}
	return nil
}
