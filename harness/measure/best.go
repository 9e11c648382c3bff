package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// ErrBest means that the best settings cannot be used: the form of the graph that is the
// fastest is not there any more.
var ErrBest = errors.New("the best settings cannot be used")

// WithDefault returns named with a note that it has the default settings.
func WithDefault(named Configuration) Configuration {
	if named.Graph != nil {
		named.Settings = &record.Settings{Name: record.SettingsDefault, Graph: named.Graph.SHA256}
	}
	return named
}

// WithBest returns named, on which Configure must not have been called, with the graph and
// the settings that a search has found to be fastest; see store.Store.Best. Settings for
// which keep returns true, and environment variables that named sets, stay as they are.
// notes says which do, and in what the work of the search differed. exported are the
// graphs among which to look for the fastest form, which may also be where it was. name
// returns the word for a graph in Configuration.Command. The errors are ErrBest,
// ErrNothing and those of Resolve.
func WithBest(named Configuration, b *compare.Best, exported []*graph.Manifest, keep func(setting string) bool, name func(*graph.Manifest) string) (out Configuration, notes []string, err error) {
	if named.Graph == nil || b == nil || b.Default == nil || keep == nil || name == nil {
		return named, nil, ErrNothing
	}
	whole, err := Resolve(named.Graph, named.Config)
	if err != nil {
		return named, nil, err
	}
	out = named
	out.Settings = &record.Settings{Name: record.SettingsBest, Graph: named.Graph.SHA256, From: b.ID, Found: b.Found}
	if doubts, _ := b.Suits(whole); len(doubts) > 0 {
		notes = append(notes, "they were found with "+strings.Join(doubts, ", "))
	}
	if b.IsDefault() {
		return out, notes, nil
	}
	if b.Winner.Graph.SHA256 != named.Graph.SHA256 {
		if out.Graph, err = formOf(b, exported); err != nil {
			return named, nil, err
		}
		if len(out.Command) > 0 {
			out.Command = []string{out.Command[0], name(out.Graph)}
		}
	}
	for _, s := range setting.Differing(b.Default.Config, b.Winner.Config) {
		given := keep(s.Name)
		if variable, ok := strings.CutPrefix(s.Name, "env."); ok {
			_, given = named.Config.Env[variable]
		}
		if found := s.Shown(b.Winner.Config); given {
			notes = append(notes, fmt.Sprintf("%s is %s, as given, and %s was found", s.Name, cmp.Or(s.Shown(named.Config), "off"), found))
		} else if err := setting.Change(&out.Config, s.Name, found); err != nil {
			return named, nil, err
		}
	}
	return out, notes, nil
}

// formOf returns the export of a graph that is the fastest.
func formOf(b *compare.Best, exported []*graph.Manifest) (*graph.Manifest, error) {
	want := b.Winner.Graph
	i := slices.IndexFunc(exported, func(g *graph.Manifest) bool { return g != nil && g.SHA256 == want.SHA256 })
	if i >= 0 {
		return exported[i], exported[i].Verify()
	}
	g, err := reopen(want)
	if err != nil {
		return nil, kindError{fmt.Errorf("the fastest form of %s is %s, and that is not there as it was: export it again, or search again (%w)", b.Default.Graph.Name, want.Name, err), ErrBest}
	}
	return g, nil
}

// AskWorker returns what a worker says of itself: its TensorFlow, its machine and its
// devices. The error is ctx's, or that of the launch.
func AskWorker(ctx context.Context, w Launcher, c record.Config) (*protocol.Hello, error) {
	out, err := answer(ctx, w, c, protocol.Devices, func(o *launch.Outcome) bool { return o.Hello != nil })
	if err != nil {
		return nil, err
	}
	return out.Hello, nil
}
