package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// graphFlags name the folder of graphs.
type graphFlags struct{ root string }

// defaultRoot returns the folder of graphs without a flag.
func defaultRoot() string {
	if root := os.Getenv("EPOCHTIME_GRAPHS"); root != "" {
		return root
	}
	return "graphs"
}

func (f *graphFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.root, "graphs", defaultRoot(), "`DIR` folder with exported graphs; EPOCHTIME_GRAPHS sets the default")
}

// name returns the word for an exported graph on a command line.
func (f *graphFlags) name(g *graph.Manifest) string {
	if f.root == defaultRoot() && filepath.Dir(absolute(g.Dir)) == absolute(f.root) {
		return filepath.Base(g.Dir)
	}
	return g.Dir
}

// complete offers a shell the graphs that are not arguments yet.
func (f *graphFlags) complete(_ *cobra.Command, named []string, _ string) ([]string, cobra.ShellCompDirective) {
	out := slices.DeleteFunc(graphNames(f.root), func(name string) bool { return slices.Contains(named, name) })
	return out, cobra.ShellCompDirectiveDefault // with files: a path can be a graph or a model
}

// graphNames returns the names of the graphs in a folder, or nil if it cannot be read.
func graphNames(root string) []string {
	found, _, _ := graph.List(root)
	var out []string
	for _, m := range found {
		out = append(out, filepath.Base(m.Dir))
	}
	return out
}

// addSettings adds a flag for each setting of a list. The flags set fields of c.
func addSettings(flags *pflag.FlagSet, c *record.Config, list []setting.Setting) {
	for _, s := range list {
		usage := s.Usage
		if !s.Switch() {
			usage = "`" + s.Value + "` " + usage
		}
		flags.Var(&settingFlag{c: c, s: s}, s.Name, usage)
		if s.Switch() {
			flags.Lookup(s.Name).NoOptDefVal = "yes"
		}
	}
}

// settingFlag is the flag of one setting.
type settingFlag struct {
	c *record.Config
	s setting.Setting
}

func (f *settingFlag) String() string {
	if f.c == nil || f.s.Repeat { // pflag calls it on a zero value
		return ""
	}
	return f.s.Text(*f.c)
}

func (f *settingFlag) Set(text string) error { return f.s.Set(f.c, text) }

// Type returns the kind of value. A flag of type bool needs none.
func (f *settingFlag) Type() string {
	if f.s.Switch() {
		return "bool"
	}
	return f.s.Value
}

// selectSettings returns the settings with these names, in the table's order.
func selectSettings(names ...string) []setting.Setting {
	return slices.DeleteFunc(setting.All(), func(s setting.Setting) bool { return !slices.Contains(names, s.Name) })
}

// workerSettings returns the settings of a launch that trains nothing.
func workerSettings() []setting.Setting {
	return selectSettings("worker", "device", "timeout", "env", "intra-op", "inter-op", "executor")
}

// pairs reads KEY=VALUE arguments.
func pairs(flag string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, item := range list {
		key, value, ok := strings.Cut(item, "=")
		if !ok || key == "" {
			return nil, usagef("%s %q is not KEY=VALUE", flag, item)
		}
		if before, twice := out[key]; twice && before != value {
			return nil, usagef("%s sets %s twice, to %q and to %q", flag, key, before, value)
		}
		out[key] = value
	}
	return out, nil
}
