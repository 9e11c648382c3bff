package exporter

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-shellwords"
)

// ErrOption means that the exporter has no such option, or that its value is wrong.
var ErrOption = errors.New("wrong option of the exporter")

// optionError is an ErrOption whose text says all.
type optionError string

func (e optionError) Error() string      { return string(e) }
func (optionError) Is(target error) bool { return target == ErrOption }

func wrongOption(format string, args ...any) error { return optionError(fmt.Sprintf(format, args...)) }

// Option describes an option of the exporter.
type Option struct {
	Name        string
	Placeholder string // stands for the value; empty: the option is a switch
	Usage       string
	Setting     bool // may differ between configurations of one measurement
}

// Switch reports whether the option is on or off and has no other value.
func (o Option) Switch() bool { return o.Placeholder == "" }

var table = []Option{
	{"arg", "K=V", "argument of the model's function, such as width=256 (repeatable)", false},
	{"width", "TIMES", "a model this many times as wide, such as 2: of its function, the argument width, filters or units", true},
	{"precision", "NAME", "float32, mixed_bfloat16 or mixed_float16", true},
	{"jit", "", "compile the step with XLA", true},
	{"target", "DEVICE", "gpu: recurrent layers are kernels of cuDNN, which only a GPU runs", true},
	{"replicas", "N", "train on N devices of the machine, an equal part of each batch on each", true},
	{"optimizer", "NAME", "Keras optimizer in place of the model's", true},
	{"learning-rate", "X", "learning rate in place of the model's", true},
	{"loss", "NAME", "Keras loss in place of the model's", true},
	{"input-shape", "[NAME=]SHAPE", "shape of one example, such as 224,224,3 (repeatable)", false},
	{"classes", "N", "number of classes of the labels", false},
	{"length", "[NAME=]N", "length of sequences, or MIN-MAX (repeatable)", false},
	{"class-weight", "LIST", "weights of classes, such as 0=1,1=5", false},
	{"import", "FILE.py", "file with custom layers of a saved model (repeatable)", false},
	{scriptArg, "WORD", "argument of the script, in its order, as words behind -- are (repeatable)", false},
	{"steps-per-epoch", "N", "steps that are an epoch, where a script has a loop of its own over train_on_batch", false},
	{"one-replica", "", "of a script that trains on several devices, train on one", false},
}

// scriptArg is the option with one argument of a script, and argsKey the key of the
// setting that is all of them, as a shell reads them.
const (
	scriptArg = "script-arg"
	argsKey   = "args"
)

// Table returns the options that say how a model is exported.
func Table() []Option { return slices.Clone(table) }

func find(name string) (Option, error) {
	i := slices.IndexFunc(table, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return Option{}, wrongOption("the exporter has no option %q", name)
	}
	return table[i], nil
}

// argPrefix begins the key of a setting that is an argument of the model's
// function, as in arg.width.
const argPrefix = "arg."

// Settings returns the keys of settings that say how a model is exported, except
// for arg.NAME.
func Settings() []string {
	out := []string{argsKey}
	for _, o := range table {
		if o.Setting {
			out = append(out, o.Name)
		}
	}
	return out
}

// IsSetting reports whether key is one of Settings or arg.NAME.
func IsSetting(key string) bool {
	name, arg := strings.CutPrefix(key, argPrefix)
	return arg && name != "" || slices.Contains(Settings(), key)
}

// Value is an option with the value that was chosen for it.
type Value struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"` // empty for a switch, which is on
}

// Options says how a model is exported. Where a value is not repeatable, the last
// one counts. The zero Options exports a model as its author made it.
type Options []Value

// Add returns the options with one more. A switch takes true or false; false
// removes it. The error is ErrOption.
func (o Options) Add(name, value string) (Options, error) {
	known, err := find(name)
	switch {
	case err != nil:
		return o, err
	case !known.Switch():
		return append(slices.Clone(o), Value{name, value}), nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return o, wrongOption("%s=%s is neither true nor false", name, value)
	}
	out := slices.DeleteFunc(slices.Clone(o), func(v Value) bool { return v.Name == name })
	if on {
		out = append(out, Value{Name: name})
	}
	return out, nil
}

// With returns the options with one setting changed. Its key is one of Settings, of
// which args replaces all arguments of a script, or arg.NAME. The error is ErrOption.
func (o Options) With(key, value string) (Options, error) {
	if !IsSetting(key) {
		return o, wrongOption("there is no setting %q", key)
	}
	if name, arg := strings.CutPrefix(key, argPrefix); arg {
		return o.Add("arg", name+"="+value)
	}
	if key != argsKey {
		return o.Add(key, value)
	}
	parser := shellwords.NewParser()
	words, err := parser.Parse(value)
	if err != nil || parser.Position >= 0 { // it stops at ; & | < >
		return o, wrongOption("args=%s is not a list of words, as a shell reads them", value)
	}
	return o.WithArguments(words), nil
}

// WithArguments returns the options with other arguments of a script.
func (o Options) WithArguments(words []string) Options {
	out := slices.DeleteFunc(slices.Clone(o), func(v Value) bool { return v.Name == scriptArg })
	for _, word := range words {
		out = append(out, Value{scriptArg, word})
	}
	return out
}

// Words returns the options as the exporter's command line has them.
func (o Options) Words() []string {
	var out []string
	for _, v := range o {
		word := "--" + v.Name
		if known, err := find(v.Name); err == nil && !known.Switch() || v.Value != "" {
			word += "=" + v.Value
		}
		out = append(out, word)
	}
	return out
}
