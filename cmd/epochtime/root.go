package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"epochtime/harness/record"
)

// streams are the standard streams of a verb.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// widthOf returns the width of the terminal w in columns, or 0 if w is not one.
func widthOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
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
130 interrupted (what was measured is kept).`,
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
	root.AddCommand(newRun(s), newAB(s), newSweep(s), newTune(s), newNightly(s), newCompare(s), newReport(s), newHistory(s), newTrace(s), newList(s), newData(s), newDoctor(s), newExport(s), newVersion(s))
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
