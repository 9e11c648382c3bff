// Package setting is the one table of the settings in a record.Config: the name of
// each setting, how it is parsed and shown, and whether runs that differ in it can be
// compared. Flags, the keys of an ab, the axes of a sweep, tables, file formats and
// comparisons read this table.
//
// A program changes a setting by name:
//
//	c := setting.Defaults()
//	err := setting.Change(&c, "batch", "64")
package setting

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// OfGraph is the value of Batch, IntraOp and InterOp in a record.Config that stands
// for the graph's own. measure.Resolve replaces it, and a nil Shuffle.
const OfGraph = -1

// Setting describes one setting of a record.Config.
type Setting struct {
	Name  string // of its flag, its key in an ab and its column in tables
	Value string // placeholder for its value in help, such as N or FILE; empty for a switch
	Usage string // help text
	Unset string // word for its unset value, such as "default"; empty: it has none

	Choices []string // all values, if they can be listed; :N in one stands for what its set takes

	Repeat     bool   // it has a list of values, and Set adds one
	Comparable bool   // runs that differ in it can be compared
	Axis       string // example of a list of values for a sweep; empty: it cannot be an axis

	list  func(*record.Config) []string // its values, as Set reads them; empty: unset
	set   func(*record.Config, string) error
	unset func(*record.Config) // for the word Unset; nil: set an empty text
}

// Key returns the setting's name in records and machine formats, with _ for -. The key
// of an environment variable is its Name.
func (s Setting) Key() string {
	if strings.HasPrefix(s.Name, envPrefix) {
		return s.Name
	}
	return strings.ReplaceAll(s.Name, "-", "_")
}

// Switch reports whether the setting is on or off.
func (s Setting) Switch() bool { return s.Value == "" }

// Text returns the setting's value in c as Set reads it, or "" if it is unset. The
// values of a setting with Repeat are separated by spaces.
func (s Setting) Text(c record.Config) string { return strings.Join(s.values(c), " ") }

func (s Setting) values(c record.Config) []string {
	if s.list == nil { // it is not of the table
		return nil
	}
	return s.list(&c)
}

// Shown returns the setting's value in c for people: Text, or Unset if it is unset.
func (s Setting) Shown(c record.Config) string {
	if len(s.values(c)) == 0 {
		return s.Unset
	}
	return s.Text(c)
}

// Set parses text and sets the setting in c. The word Unset unsets a setting that can
// be unset, and so does an empty text, except for an environment variable. Errors say what a value must be, without the setting's
// name. Set does not change lists and maps that another Config may share.
func (s Setting) Set(c *record.Config, text string) error {
	switch {
	case s.set == nil:
		return errors.New("it is not a setting of the table")
	case c == nil:
		return errors.New("there is no configuration to set it in")
	case s.Unset == "" || text != s.Unset || s.Repeat:
	case s.unset != nil:
		s.unset(c)
		return nil
	default:
		text = ""
	}
	if len(s.Choices) > 0 && (text != "" || s.Unset == "") && !slices.ContainsFunc(s.Choices, func(choice string) bool { return matches(choice, text) }) {
		return fmt.Errorf("it is one of %s", strings.Join(s.Choices, ", "))
	}
	return s.set(c, text)
}

// Change sets the setting with a name in c. The error is an *Error, which has the text
// that Set refuses.
func Change(c *record.Config, name, text string) error {
	s, ok := Find(name)
	if !ok {
		return &Error{Setting: name, Typed: name, Known: Names(All()), Err: errors.New("there is no such setting")}
	}
	if err := s.Set(c, text); err != nil {
		return Errorf(name, "%s: %w", text, err)
	}
	return nil
}

// Check returns an *Error for the first setting in c whose value Set refuses.
func Check(c record.Config) error {
	for _, s := range table {
		checked := record.Config{}
		for _, v := range s.list(&c) {
			if err := Change(&checked, s.Name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches reports whether text is a choice, or has anything in place of its N, which set
// then checks: gpu:1 matches gpu:N.
func matches(choice, text string) bool {
	prefix, numbered := strings.CutSuffix(choice, "N")
	return text == choice || numbered && strings.HasPrefix(text, prefix)
}

// OfFit returns the names of the settings of Keras's own fit, which the graph does not
// have.
func OfFit() []string {
	return []string{"callbacks", "metrics", "step", "steps-per-execution", "compile"}
}

// envPrefix begins the name of the setting of one environment variable.
const envPrefix = "env."

// All returns all settings, in the order of help and tables. Environment variables
// are one setting, env.
func All() []Setting { return slices.Clone(table) }

// Find returns the setting with a name, and whether there is one. The name env.NAME
// is that of the environment variable NAME.
func Find(name string) (Setting, bool) {
	if variable, ok := strings.CutPrefix(name, envPrefix); ok && variable != "" {
		return environment(variable), true
	}
	i := slices.IndexFunc(table, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return table[i], true
}

// Axes returns the settings that can be axes of a sweep. The last varies fastest.
func Axes() []Setting {
	return slices.DeleteFunc(All(), func(s Setting) bool { return s.Axis == "" })
}

// Names returns the names of settings. That of env is env.NAME.
func Names(list []Setting) []string {
	var out []string
	for _, s := range list {
		name := s.Name
		if name == "env" {
			name = envPrefix + "NAME"
		}
		out = append(out, name)
	}
	return out
}

// Of returns the settings of configurations in the table's order. It has one setting
// for each environment variable that any of them sets, in place of env.
func Of(configs ...record.Config) []Setting {
	var out []Setting
	for _, s := range table {
		if s.Name != "env" {
			out = append(out, s)
			continue
		}
		for _, name := range variables(configs) {
			out = append(out, environment(name))
		}
	}
	return out
}

// Differing returns the settings that are not equal in all of the configurations.
func Differing(configs ...record.Config) []Setting {
	return slices.DeleteFunc(Of(configs...), func(s Setting) bool {
		configs := configs
		if s.Name == "prefetch" || s.Name == "feed-threads" { // a runtime that feeds itself has none
			configs = slices.DeleteFunc(slices.Clone(configs), func(c record.Config) bool { return !c.OfGraph() })
		}
		return !slices.ContainsFunc(configs, func(c record.Config) bool { return !slices.Equal(s.values(c), s.values(configs[0])) })
	})
}

// Titles returns the titles of runs. Runs with the same title are distinguished by the
// settings in which they differ, such as "cnn, batch 64". TensorFlow's defaults are
// left out, and what a run does not have, such as epochs where it trains for a time.
func Titles(runs []record.Run) []string {
	title := func(r record.Run) string {
		if r.On != "" {
			return r.On + ": " + r.Title()
		}
		return r.Title()
	}
	configs := map[string][]record.Config{}
	for _, r := range runs {
		configs[title(r)] = append(configs[title(r)], r.Config)
	}
	out := make([]string, len(runs))
	for i, r := range runs {
		out[i] = title(r)
		for _, s := range Differing(configs[title(r)]...) {
			if shown := s.Shown(r.Config); shown != "" && shown != "default" && shown != "auto" {
				out[i] += ", " + s.Name + " " + shown
			}
		}
	}
	return out
}
