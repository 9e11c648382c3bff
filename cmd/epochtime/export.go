package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/exporter"
	"epochtime/internal/interrupt"
	"epochtime/internal/process"
)

func newExport(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export MODEL... | --suite NAME [flags of the exporter]",
		Short: "Export Keras models as training graphs",
		Long: `Exports Keras models as training graphs. A graph is a SavedModel with forward
pass, loss, gradients and optimizer, in the folder of graphs. A MODEL is

  cnn                  a built-in model; 'epochtime export --help' lists them
  my_model.py:build    a function that returns a Keras model
  train.py             a script: it runs with the words behind --, and each of
                       its calls that train is a graph. Of a file that trains
                       nothing, its build() or its one model
  -m package.train     a script that is a Python module
  notes.ipynb          a notebook, run cell by cell
  model.keras          a saved model with its compile settings; also model.h5
  keras:ResNet50       a function of keras.applications

A model file is a program, and exporting runs it with your permissions. Export
only files that you would also run.

All flags except --python are passed to the exporter, a Python program:
'epochtime export --help' shows them. 'epochtime run' also takes a MODEL.`,
		Example: `  epochtime export linear cnn rnn
  epochtime export cnn --jit
  epochtime export mlp cnn --data testdata/digits.npz
  epochtime export testdata/models/functional.py:build --name mine
  epochtime export train.py -- --width 64
  epochtime export keras:VGG16 --input-shape 32,32,3 --classes 10
  epochtime export --suite tabular`,
		DisableFlagParsing:    true, // they are the exporter's
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     completeModels,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, python := takePython(scriptWords(args))
			e, err := exporter.Find(python)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			interrupt.Hold(ctx) // Python cleans up
			c := e.Command(ctx, append([]string{"export"}, args...)...)
			c.Stdout, c.Stderr = s.out, s.err
			if _, yes := isTerminal(s.err); yes { // Python itself has a pipe
				c.Env = append(c.Env, "EPOCHTIME_TERMINAL=1")
			}
			if err := process.Run(ctx, c); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
				return fmt.Errorf("running %s: %w", e.Python, err)
			}
			return nil
		},
	}
	return cmd
}

// scriptWords returns the exporter's arguments with those that it has no form for in
// another: -m NAME, and words behind -- if a script is named before them.
func scriptWords(args []string) []string {
	var out []string
	script := false
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--" && script:
			for _, argument := range args[i+1:] {
				out = append(out, "--script-arg="+argument)
			}
			return out
		case word == "--":
			return append(out, args[i:]...)
		case word == "-m" && i+1 < len(args):
			i++
			word = exporter.Module(args[i])
		}
		script = script || exporter.IsScript(word)
		out = append(out, word)
	}
	return out
}

// takePython removes --python from the exporter's arguments and returns its value.
func takePython(args []string) (rest []string, python string) {
	for i := 0; i < len(args); i++ {
		switch value, ok := strings.CutPrefix(args[i], "--python="); {
		case ok:
			python = value
		case args[i] == "--python" && i+1 < len(args):
			i++
			python = args[i]
		default:
			rest = append(rest, args[i])
		}
	}
	return rest, python
}

// completeModels offers a shell the built-in models that are not arguments yet.
func completeModels(_ *cobra.Command, named []string, _ string) ([]string, cobra.ShellCompDirective) {
	models, err := exporter.BuiltIn()
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	models = slices.DeleteFunc(models, func(m string) bool { return slices.Contains(named, m) })
	return models, cobra.ShellCompDirectiveDefault // with files: a file can be a model
}
