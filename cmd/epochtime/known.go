package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/harness/store"
	"epochtime/internal/harmless"
)

// settingsKey is the name of the flag that chooses known settings, and the key of an ab.
const settingsKey = "settings"

// known are the values of that flag.
var known = []string{record.SettingsDefault, record.SettingsBest}

// addSettingsFlag adds the flag that chooses known settings. The usage says more.
func (f *measureFlags) addSettingsFlag(cmd *cobra.Command, flags *pflag.FlagSet, usage string) {
	flags.StringSliceVar(&f.settings, settingsKey, nil, "`NAME` default; or best: what 'epochtime tune' found and confirmed for this graph, machine and TensorFlow, without what other flags say"+usage)
	_ = cmd.RegisterFlagCompletionFunc(settingsKey, cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp))
}

// checkSettings reports a wrong value of that flag.
func checkSettings(flag string, names []string) error {
	for i, name := range names {
		switch {
		case !slices.Contains(known, name):
			hint := suggestion(name, known)
			if hint == "" {
				hint = ": there are " + strings.Join(known, ", ")
			}
			return usagef("%s: there are no settings %q%s", flag, name, hint)
		case slices.Contains(names[:i], name):
			return usagef("%s names %s twice", flag, name)
		}
	}
	return nil
}

// oneSettings returns a wrong use of several known settings.
func (f *measureFlags) oneSettings(verb string) error {
	if len(f.settings) > 1 {
		return usagef("--settings: %s takes one of %s; 'epochtime run --settings default,best' measures both", verb, strings.Join(known, ", "))
	}
	return nil
}

// withSettings returns a configuration with each of the known settings that are asked for,
// or as it is. Beside others, best settings that are not known, or are the default, are
// left out with a notice.
func (f *measureFlags) withSettings(ctx context.Context, s streams, c measure.Configuration) ([]measure.Configuration, error) {
	if len(f.settings) == 0 {
		return []measure.Configuration{c}, nil
	}
	var out []measure.Configuration
	for _, name := range f.settings {
		if name == record.SettingsDefault {
			out = append(out, measure.WithDefault(c))
			continue
		}
		best, isDefault, err := f.best(ctx, s, c)
		beside := len(f.settings) > 1
		switch {
		case beside && errors.Is(err, store.ErrNoBest):
			fmt.Fprintln(s.err, "notice: "+harmless.Hanging(err.Error()))
		case err != nil:
			return nil, err
		case !beside || !isDefault:
			out = append(out, best)
		}
	}
	return out, nil
}

// withOneSettings is withSettings for a verb that measures one configuration.
func (f *measureFlags) withOneSettings(ctx context.Context, s streams, c measure.Configuration) (measure.Configuration, error) {
	list, err := f.withSettings(ctx, s, c)
	if err != nil {
		return c, err
	}
	return list[0], nil
}

// best returns a configuration with the best settings that are known, and says which they
// are. It reports whether they are the default.
func (f *measureFlags) best(ctx context.Context, s streams, c measure.Configuration) (best measure.Configuration, isDefault bool, err error) {
	found, err := f.findBest(ctx, c)
	if err != nil {
		return c, false, err
	}
	all, _, err := graph.List(f.graphs.root) // of broken ones none is the best
	if err != nil {
		all = nil // it is then where it was
	}
	keep := func(name string) bool { return f.own.Changed(name) || slices.Contains(f.given, name) }
	out, notes, err := measure.WithBest(c, found, all, keep, f.graphs.name)
	if err != nil {
		return c, false, err
	}
	fmt.Fprintln(s.err, "notice: "+harmless.Hanging(fmt.Sprintf("settings best of %s: %s", c.Graph.Name, report.BestSentence(*found))))
	for _, note := range notes {
		fmt.Fprintln(s.err, "notice: "+harmless.Hanging(fmt.Sprintf("settings best of %s: %s", c.Graph.Name, note)))
	}
	return out, found.IsDefault(), nil
}

// findBest looks the best settings of a configuration up in the history.
func (f *measureFlags) findBest(ctx context.Context, c measure.Configuration) (*compare.Best, error) {
	if !c.Config.OfGraph() {
		return nil, usagef("--settings best: a search is of the graph, and the runtime is %s: leave out one of the two", c.Config.Runtime)
	}
	whole, err := measure.Resolve(c.Graph, c.Config)
	if err != nil {
		return nil, err
	}
	db, err := f.history.need()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	hello, err := f.ask(ctx, whole)
	if err != nil {
		return nil, err
	}
	found, err := db.Best(store.Wanted{
		Graph: record.Graph{Name: c.Graph.Name, SHA256: c.Graph.SHA256}, Config: whole, Machine: hello.Machine, TensorFlow: hello.TensorFlow, Build: hello.Build,
	})
	if errors.Is(err, store.ErrNoBest) {
		return nil, usagef("--settings best: %w: 'epochtime tune %s' finds them", err, harmless.Command(tuneWords(c)))
	}
	return found, err
}

// tuneWords are the words behind "epochtime tune" that search what a configuration is of.
func tuneWords(c measure.Configuration) []string {
	out := []string{c.Graph.Name}
	if len(c.Command) > 1 {
		out = slices.Clone(c.Command[1:])
	}
	return append(out, setting.Words(setting.Defaults(), c.Config)...)
}

// ask returns what the worker of a configuration says of itself. It asks each once.
func (f *measureFlags) ask(ctx context.Context, c record.Config) (*protocol.Hello, error) {
	key := strings.Join(c.Worker, "\x00")
	if f.asked[key] != nil {
		return f.asked[key], nil
	}
	w, err := measure.WorkersOf(f.models.python)(c)
	if err != nil {
		return nil, err
	}
	hello, err := measure.AskWorker(ctx, w, c)
	if err != nil {
		return nil, err
	}
	if f.asked == nil {
		f.asked = map[string]*protocol.Hello{}
	}
	f.asked[key] = hello
	return hello, nil
}
