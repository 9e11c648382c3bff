package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// modelFlags say how a model that is no graph yet is exported. They mean what they
// mean to 'epochtime export', and are passed on to it as they are.
type modelFlags struct {
	words  []string // for the exporter, as they were given
	python string
	debug  bool
}

// modelGroup is the heading of these flags in the help.
const modelGroup = "For a model given as FILE.py, FILE.keras or keras:NAME, as in 'epochtime export':"

// modelOptions are the flags that are passed on.
var modelOptions = []struct{ name, value, usage string }{
	{"arg", "K=V", "an argument of the function, as in width=256 (repeatable)"},
	{"precision", "NAME", "float32, mixed_bfloat16 or mixed_float16"},
	{"jit", "", "compile the step with XLA"},
	{"optimizer", "NAME", "another Keras optimizer"},
	{"learning-rate", "X", "another learning rate"},
	{"loss", "NAME", "another Keras loss"},
	{"input-shape", "[NAME=]SHAPE", "of one example, as in 224,224,3 (repeatable)"},
	{"classes", "N", "that the labels have"},
	{"length", "[NAME=]N", "of sequences, also as MIN-MAX (repeatable)"},
	{"class-weight", "LIST", "weights of classes, as in 0=1,1=5"},
	{"import", "FILE.py", "with custom layers that a saved model needs (repeatable)"},
}

func (f *modelFlags) add(flags *pflag.FlagSet) {
	grouped := func(name string) { flags.Lookup(name).Annotations = map[string][]string{groupKey: {modelGroup}} }
	for _, o := range modelOptions {
		flags.Var(&modelOption{to: f, name: o.name, yesNo: o.value == ""}, o.name, "`"+o.value+"` "+o.usage)
		if o.value == "" {
			flags.Lookup(o.name).Usage, flags.Lookup(o.name).NoOptDefVal = o.usage, "true"
		}
		grouped(o.name)
	}
	flags.StringVar(&f.python, "python", "", "`PROGRAM` the Python with TensorFlow; EPOCHTIME_PYTHON sets it too (default: .venv beside bin/)")
	flags.BoolVar(&f.debug, "debug", false, "show whole tracebacks of an export that fails")
	grouped("python")
	grouped("debug")
}

// given names a flag of these that was given; empty: none was.
func (f *modelFlags) given(flags *pflag.FlagSet) (name string) {
	flags.VisitAll(func(flag *pflag.Flag) { // a verb may have parsed another set of the same flags
		if flag.Changed && slices.Equal(flag.Annotations[groupKey], []string{modelGroup}) {
			name = flag.Name
		}
	})
	return name
}

// modelOption is one flag that is passed on.
type modelOption struct {
	to     *modelFlags
	name   string
	yesNo  bool
	values []string
}

// Set passes the value on, after those of all flags before it.
func (o *modelOption) Set(text string) error {
	if o.yesNo {
		yes, err := strconv.ParseBool(text)
		if err == nil && yes {
			o.to.words = append(o.to.words, "--"+o.name)
		}
		return err
	}
	o.values = append(o.values, text)
	o.to.words = append(o.to.words, "--"+o.name+"="+text)
	return nil
}

func (o *modelOption) String() string { return "" }

// Type is the kind of value; pflag takes a bool's for one that needs none.
func (o *modelOption) Type() string {
	if o.yesNo {
		return "bool"
	}
	return "string"
}

// modelSettings are the keys of settings that say how a model is exported, beside
// arg.NAME.
var modelSettings = []string{"precision", "jit", "optimizer", "learning-rate", "loss"}

// isModelSetting tells whether a key is one of them, as in arg.width.
func isModelSetting(key string) bool {
	name, arg := strings.CutPrefix(key, "arg.")
	return arg && name != "" || slices.Contains(modelSettings, key)
}

// with is a copy of the flags in which one setting is changed.
func (f modelFlags) with(key, value string) (modelFlags, error) {
	f.words = slices.Clone(f.words)
	switch name, arg := strings.CutPrefix(key, "arg."); {
	case arg:
		f.words = append(f.words, "--arg="+name+"="+value)
	case key == "jit":
		yes, err := strconv.ParseBool(value)
		if err != nil {
			return f, usagef("jit=%s: that is neither true nor false", value)
		}
		f.words = slices.DeleteFunc(f.words, func(w string) bool { return w == "--jit" })
		if yes {
			f.words = append(f.words, "--jit")
		}
	default:
		f.words = append(f.words, "--"+key+"="+value)
	}
	return f, nil
}

// What a model may be given as, beside an exported graph.
var (
	modelFile    = regexp.MustCompile(`^(.+\.(?:py|keras))(:[^/\\:]*)?$`)
	kerasPattern = regexp.MustCompile(`^keras:`)
)

// isModel tells whether an argument is a model that is still to be exported. What
// is a folder, here or under root, is a graph.
func isModel(root, arg string) bool {
	if isFolder(arg) || isFolder(filepath.Join(root, arg)) {
		return false
	}
	return kerasPattern.MatchString(arg) || modelFile.MatchString(arg)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// modelPath is the file of a model; empty where it has none.
func modelPath(arg string) string {
	if m := modelFile.FindStringSubmatch(arg); m != nil && !kerasPattern.MatchString(arg) {
		return m[1]
	}
	return ""
}
