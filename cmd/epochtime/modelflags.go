package main

import (
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"epochtime/harness/exporter"
	"epochtime/harness/graph"
)

// modelFlags are the flags for exporting a model. They are those of 'epochtime
// export'.
type modelFlags struct {
	options exporter.Options
	script  scriptFlags
	python  string
	debug   bool
}

// modelGroup is the heading of these flags in help.
const modelGroup = "Flags for a model (FILE.py, FILE.keras or keras:NAME), as of 'epochtime export':"

func (f *modelFlags) add(flags *pflag.FlagSet) {
	grouped := func(name string) { flags.Lookup(name).Annotations = map[string][]string{groupKey: {modelGroup}} }
	f.script.add(flags)
	grouped("module")
	grouped(fitKey)
	for _, o := range exporter.Table() {
		flags.Var(&modelOption{f, o}, o.Name, "`"+o.Placeholder+"` "+o.Usage)
		if o.Switch() {
			flags.Lookup(o.Name).Usage, flags.Lookup(o.Name).NoOptDefVal = o.Usage, "true"
		}
		grouped(o.Name)
	}
	addPython(flags, &f.python)
	flags.BoolVar(&f.debug, "debug", false, "show the traceback of an export that fails")
	grouped(pythonKey)
	grouped("debug")
}

// addPython adds the flag that names a Python.
func addPython(flags *pflag.FlagSet, to *string) {
	flags.StringVar(to, pythonKey, "", "`PROGRAM` Python with TensorFlow (default: EPOCHTIME_PYTHON, .venv of a checkout, VIRTUAL_ENV or python3)")
}

// pythonKey is the name of that flag.
const pythonKey = "python"

// given returns the name of one of these flags that is set, or "". The Python is also
// where an installed worker finds TensorFlow.
func (f *modelFlags) given(flags *pflag.FlagSet) (name string) {
	flags.VisitAll(func(flag *pflag.Flag) { // flags may have been parsed into another modelFlags
		if flag.Changed && flag.Name != pythonKey && slices.Equal(flag.Annotations[groupKey], []string{modelGroup}) {
			name = flag.Name
		}
	})
	return name
}

// modelOption is the flag of one of the exporter's options.
type modelOption struct {
	to     *modelFlags
	option exporter.Option
}

// Set adds the value to the options.
func (o *modelOption) Set(text string) (err error) {
	o.to.options, err = o.to.options.Add(o.option.Name, text)
	return err
}

func (o *modelOption) String() string { return "" }

// Type returns the kind of value. A bool needs none.
func (o *modelOption) Type() string {
	if o.option.Switch() {
		return "bool"
	}
	return "string"
}

// isModelSetting reports whether a key of an ab's side is for a model.
func isModelSetting(key string) bool { return key == fitKey || exporter.IsSetting(key) }

// words returns the flags that make a graph of a model on a command line.
func (f *modelFlags) words(g *graph.Manifest) []string {
	out := f.options.Words()
	if g.Phases() > 1 {
		out = append(out, "--fit="+strconv.Itoa(g.Script.Phase))
	}
	return append(out, f.pythonWords()...)
}

// pythonWords returns the flag that names the Python, if it is given.
func (f *modelFlags) pythonWords() []string {
	if f.python == "" {
		return nil
	}
	return []string{"--" + pythonKey + "=" + f.python}
}

// with returns a copy of the flags with one setting changed.
func (f modelFlags) with(key, value string) (modelFlags, error) {
	if key == fitKey {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return f, usagef("fit=%s: a script's phases count from 1", value)
		}
		f.script.fit = n
		return f, nil
	}
	options, err := f.options.With(key, value)
	if err != nil {
		return f, usagef("%w", err)
	}
	f.options = options
	return f, nil
}
