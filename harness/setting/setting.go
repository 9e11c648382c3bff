// Package setting is the one table of what a run can be asked for: each
// setting's name, how it is read and shown, and whether runs that differ in it
// can still be compared. Flags, the keys of an ab, the axes of a sweep, tables,
// file formats and comparisons all read this table.
package setting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/record"
)

// OfGraph as a batch stands for the graph's own batch size. It is resolved
// before a configuration is complete.
const OfGraph = -1

// Setting describes one setting of a record.Config.
type Setting struct {
	Name  string // as people write it: a flag, a key of an ab, a table's column
	Value string // what stands for its value in help, as in N or FILE; empty for a switch
	Usage string // what it does, for help
	Unset string // the word for its zero value, as in "full" or "default"; empty shows the value itself

	Choices []string // the values there are, where they can be listed

	Repeat bool   // it holds several values; Set adds one
	Aside  bool   // it says how much is measured, and with what program, not what: runs that differ in it are comparable
	Axis   string // example of a list of values, where a sweep may vary it; else empty

	list func(*record.Config) []string // its values, as Set reads them; empty where it is unset
	set  func(*record.Config, string) error
}

// Key is the setting's name in records and machine formats. That of a variable is its
// name as it is.
func (s Setting) Key() string {
	if strings.HasPrefix(s.Name, envPrefix) {
		return s.Name
	}
	return strings.ReplaceAll(s.Name, "-", "_")
}

// Switch reports whether the setting is on or off.
func (s Setting) Switch() bool { return s.Value == "" }

// Text returns the setting's value in c as Set reads it; empty where it is unset.
// The values of a setting with Repeat are separated by spaces.
func (s Setting) Text(c record.Config) string { return strings.Join(s.list(&c), " ") }

// Shown returns the setting's value in c for people: Text, or the word for a
// value that is not set.
func (s Setting) Shown(c record.Config) string {
	if len(s.list(&c)) == 0 {
		return s.Unset
	}
	return s.Text(c)
}

// Set changes the setting in c. The word for a value that is not set unsets it.
// Errors say what a value must be, and not which setting it is for.
func (s Setting) Set(c *record.Config, text string) error {
	if s.Unset != "" && text == s.Unset && !s.Repeat {
		text = ""
	}
	if len(s.Choices) > 0 && (text != "" || s.Unset == "") && !slices.ContainsFunc(s.Choices, func(choice string) bool { return matches(choice, text) }) {
		return fmt.Errorf("it is one of %s", strings.Join(s.Choices, ", "))
	}
	return s.set(c, text)
}

// matches reports whether a value is one of a choice: itself, or with a number in
// place of N, as gpu:1 of gpu:N.
func matches(choice, text string) bool {
	prefix, numbered := strings.CutSuffix(choice, ":N")
	if !numbered {
		return text == choice
	}
	_, err := strconv.ParseUint(strings.TrimPrefix(text, prefix+":"), 10, 16)
	return err == nil && strings.HasPrefix(text, prefix+":")
}

// envPrefix begins the name of a setting that is one environment variable.
const envPrefix = "env."

// All returns every setting, in the order of help and tables. Environment
// variables are one of them, env.
func All() []Setting { return slices.Clone(table) }

// Find returns the setting of a name. env.NAME is the variable NAME.
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

// Axes returns the settings that a sweep may vary, in the order of its rows.
func Axes() []Setting {
	return slices.DeleteFunc(All(), func(s Setting) bool { return s.Axis == "" })
}

// Names returns the names of settings, with env.NAME for the environment.
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

// Of returns every setting that any of the configurations may have set, in the
// table's order: env is replaced by one setting for each variable that one of
// them sets.
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

// Differing returns the settings whose values are not the same in all of the
// configurations.
func Differing(configs ...record.Config) []Setting {
	return slices.DeleteFunc(Of(configs...), func(s Setting) bool {
		return !slices.ContainsFunc(configs, func(c record.Config) bool { return !slices.Equal(s.list(&c), s.list(&configs[0])) })
	})
}

// Titles names each run by its graph and the settings in which it differs from
// the other runs of that title, as in "cnn, batch 64".
func Titles(runs []record.Run) []string {
	configs := map[string][]record.Config{}
	for _, r := range runs {
		configs[r.Title()] = append(configs[r.Title()], r.Config)
	}
	out := make([]string, len(runs))
	for i, r := range runs {
		out[i] = r.Title()
		for _, s := range Differing(configs[r.Title()]...) {
			out[i] += ", " + s.Name + " " + s.Shown(r.Config)
		}
	}
	return out
}
