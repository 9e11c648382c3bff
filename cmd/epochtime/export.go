package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func newExport(s streams) *cobra.Command {
	var python string
	cmd := &cobra.Command{
		Use:   "export MODEL... [flags of the exporter]",
		Short: "Export Keras models as training graphs",
		Long: `Exports Keras models as training graphs: forward pass, loss, gradients and
optimizer in one SavedModel. All but --python goes to the exporter, which is
Python: 'epochtime export --help' shows its flags.`,
		Example: `  epochtime export linear cnn rnn
  epochtime export cnn --jit
  epochtime export mlp cnn --data testdata/digits.npz`,
		DisableFlagParsing:    true, // they are the exporter's
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, python = takePython(args)
			home, err := exporterHome()
			if err != nil {
				return err
			}
			program, err := findPython(python, home)
			if err != nil {
				return err
			}
			// Python gets the terminal's Ctrl-C itself and cleans up; it is not killed.
			c := exec.Command(program, append([]string{"-m", "pygen", "export"}, args...)...)
			c.Env = append(os.Environ(), "PYTHONPATH="+home, "PYTHONDONTWRITEBYTECODE=1", "EPOCHTIME_EXPORT=1")
			c.Stdin, c.Stdout, c.Stderr = s.in, s.out, s.err
			if err := c.Run(); err != nil {
				return fmt.Errorf("running %s: %w", program, err)
			}
			return nil
		},
	}
	return cmd
}

// takePython takes --python out of the exporter's arguments.
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

// exporterHome is the folder that holds pygen: beside bin/, or this one.
func exporterHome() (string, error) {
	var places []string
	if self, err := os.Executable(); err == nil {
		places = append(places, filepath.Dir(filepath.Dir(self)))
	}
	if here, err := os.Getwd(); err == nil {
		places = append(places, here)
	}
	for _, p := range places {
		if _, err := os.Stat(filepath.Join(p, "pygen", "__main__.py")); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("the exporter, the folder pygen, is neither beside bin/ nor here: run epochtime from its own checkout")
}

// findPython picks the Python that has TensorFlow.
func findPython(asked, home string) (string, error) {
	if asked == "" {
		asked = os.Getenv("EPOCHTIME_PYTHON")
	}
	if asked != "" {
		path, err := exec.LookPath(asked)
		if err != nil {
			return "", fmt.Errorf("no Python %q: name one with TensorFlow by --python or EPOCHTIME_PYTHON", asked)
		}
		return path, nil
	}
	path := filepath.Join(home, ".venv", "bin", "python")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no %s: make it with 'make setup', or name a Python with TensorFlow by --python", path)
	}
	return path, nil
}
