package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/bundle"
	"epochtime/harness/exporter"
	"epochtime/harness/graph"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// procurement is the suite that a bundle holds if it is not told which.
const procurement = "procurement"

// bundleFlags are what 'epochtime bundle' takes.
type bundleFlags struct {
	graphs   graphFlags
	suite    string
	variants []string
	out      string
	programs string
}

func newBundle(s streams) *cobra.Command {
	f := &bundleFlags{}
	cmd := &cobra.Command{
		Use:   "bundle [GRAPH... | --suite NAME]",
		Short: "Pack what measures another machine",
		Long: `Packs both programs, graphs, and the list of what to install into one archive,
for a Linux machine without this repository. Whoever has that machine unpacks it
and runs two commands:

  tar xzf FILE && cd epochtime-bundle
  ./install                       finds TensorFlow, or installs it there
  ./measure --machine-name NAME   writes one record, to be sent back

'epochtime report' and 'epochtime compare' read that record here. Nothing outside
the folder is changed. A bundle that is cut off, altered or for another
architecture says so before anything of it runs.

Equal contents make equal archives. The programs are those for this machine, as
'make install' installs them. In a checkout 'make bundle' builds them first, and
with ARCH=arm64 those for another.`,
		Example: `  epochtime bundle
  epochtime bundle cnn gru --variant gru-fused --out ours.tar.gz
  make bundle GRAPHS='cnn gru' BUNDLE='--out ours.tar.gz'
  epochtime bundle check ours.tar.gz`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              func(_ *cobra.Command, args []string) error { return f.run(s, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.out, "out", "o", "", "write the archive to `FILE` (default: epochtime-SUITE-ARCHITECTURE.tar.gz)")
	flags.StringVar(&f.suite, "suite", "", "`NAME` pack a set of graphs: "+strings.Join(exporter.Suites(), ", ")+" (default: "+procurement+", if no GRAPH is named)")
	flags.StringArrayVar(&f.variants, "variant", nil, "`GRAPH` pack this one too, for a search of the best settings (repeatable)")
	flags.StringVar(&f.programs, "programs", "", "`DIR` folder with the two programs for the other machine (default: those beside this one)")
	f.graphs.add(flags)
	cmd.AddCommand(newBundleCheck(s))
	return cmd
}

func (f *bundleFlags) run(s streams, args []string) error {
	contents, err := f.contents(args)
	if err != nil {
		return err
	}
	packer, err := bundle.Prepare(contents)
	if err != nil {
		return packingError{fmt.Errorf("packing a bundle: %w", err), f.makes(args)}
	}
	m := packer.Manifest
	file := cmp.Or(f.out, fmt.Sprintf("epochtime-%s-%s.tar.gz", cmp.Or(contents.Suite, "graphs"), m.Machine))
	to, err := openOutput("--out", file, nil)
	if err != nil {
		return err
	}
	if err := to.Stream(packer.Write); err != nil {
		return err
	}
	if !to.IsFile() {
		return nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s (%s) holds %s\n", harmless.Text(file), report.Bytes(uint64(info.Size())), describeBundle(m))
	return nil
}

// packingError is an error of packing, and the command that packs the same in a checkout,
// where make builds programs that name no folder of this machine.
type packingError struct {
	error
	make string
}

func (e packingError) Unwrap() error { return e.error }

// makes returns the command of make that packs what the command line asks for.
func (f *bundleFlags) makes(graphs []string) string {
	words, options := []string{"make", "bundle"}, []string{}
	if len(graphs) > 0 {
		words = append(words, "GRAPHS="+strings.Join(graphs, " "))
	}
	for _, v := range f.variants {
		options = append(options, "--variant="+v)
	}
	if f.out != "" {
		options = append(options, "--out="+f.out)
	}
	if len(options) > 0 {
		words = append(words, "BUNDLE="+harmless.Command(options))
	}
	return harmless.Command(words)
}

// contents are what the command line asks for.
func (f *bundleFlags) contents(args []string) (bundle.Contents, error) {
	var c bundle.Contents
	var err error
	switch {
	case f.suite != "" && len(args) > 0:
		return c, usagef("name graphs or --suite, not both")
	case len(args) == 0:
		c.Suite = cmp.Or(f.suite, procurement)
		if args, err = suiteGraphs(c.Suite); err != nil {
			return c, err
		}
		if err := f.graphs.missing(c.Suite, args); err != nil {
			return c, err
		}
	}
	if c.Graphs, err = f.open(args); err != nil {
		return c, err
	}
	if c.Variants, err = f.open(f.variants); err != nil {
		return c, err
	}
	if c.Home, err = exporter.Home(); err != nil {
		return c, err
	}
	c.Tool, c.Worker, err = f.find()
	return c, err
}

// open opens and verifies graphs.
func (f *bundleFlags) open(names []string) ([]*graph.Manifest, error) {
	var out []*graph.Manifest
	for _, name := range names {
		g, err := graph.Find(f.graphs.root, name)
		if err != nil {
			return nil, err
		}
		if err := g.Verify(); err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// find returns the programs to pack. In a checkout, the worker that 'make install' would
// install names no folder of this machine.
func (f *bundleFlags) find() (tool, worker string, err error) {
	if f.programs != "" {
		return filepath.Join(f.programs, "epochtime"), filepath.Join(f.programs, "epochtime-worker"), nil
	}
	if tool, err = os.Executable(); err != nil {
		return "", "", err
	}
	worker = filepath.Join(filepath.Dir(tool), "installed", "epochtime-worker")
	if _, err := os.Stat(worker); err != nil {
		worker = filepath.Join(filepath.Dir(tool), "epochtime-worker")
	}
	return tool, worker, nil
}

func newBundleCheck(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Check that a bundle is whole",
		Long: `Reads an archive of 'epochtime bundle' to its end, compares every file in it with
the list that it holds, and says for which machine it is. The exit code is 1 for
one that is cut off or altered.`,
		Example: "  epochtime bundle check ours.tar.gz",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one bundle, as in 'epochtime bundle check ours.tar.gz'")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return input(err)
			}
			defer file.Close()
			m, err := bundle.Check(file)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			fmt.Fprintf(s.out, "%s is whole: it holds %s\n", harmless.Text(args[0]), describeBundle(*m))
			if here := unameOf[runtime.GOARCH]; runtime.GOOS != "linux" || here != m.Machine {
				fmt.Fprintf(s.out, "It runs on Linux on %s, and not on this machine.\n", m.Machine)
			}
			return nil
		},
	}
}

// unameOf are architectures of Go as uname -m names them.
var unameOf = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// describeBundle says what a bundle holds. The texts of its manifest are plain.
func describeBundle(m bundle.Manifest) string {
	what := strings.Join(m.Graphs, ", ")
	if len(m.Variants) > 0 {
		what += ", with the variants " + strings.Join(m.Variants, ", ")
	}
	return fmt.Sprintf("epochtime %s for %s with TensorFlow %s, glibc %s or newer, and the graphs %s", m.Epochtime, m.Machine, m.TensorFlow, m.Glibc, what)
}
