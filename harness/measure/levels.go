package measure

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// factor is something that the time of an epoch may depend on. levels returns the values
// to try in place of the default, or why there are none.
type factor struct {
	name   string
	levels func(defaults) ([]level, error)
}

// factors are all of them, in the order in which they are shown.
var factors = []factor{
	{"data", defaults.data},
	{"width", func(defaults) ([]level, error) {
		return []level{exported("×1", "×½", "width", "0.5"), exported("×1", "×2", "width", "2")}, nil
	}},
	{"batch", defaults.batch},
	{"optimizer", defaults.optimizer},
	{"precision", defaults.precision},
	{"xla", defaults.xla},
	{"onednn", defaults.oneDNN},
	{"threads", defaults.threads},
	{"preprocess", defaults.preprocess},
	{"prefetch", defaults.prefetch},
}

// FactorNames returns the names of all factors, in the order in which they are varied.
func FactorNames() []string {
	var out []string
	for _, f := range factors {
		out = append(out, f.name)
	}
	return out
}

// defaults are what the factors are varied around: a graph and its completed settings.
type defaults struct {
	g     *graph.Manifest
	c     record.Config
	cores int
}

// level is one value of a factor: settings that change, or an option of the exporter.
type level struct {
	from, to      string // in words
	changes       []change
	option, value string
}

func exported(from, to, option, value string) level {
	return level{from: from, to: to, option: option, value: value}
}

func changing(from, to, name, value string) level {
	return level{from: from, to: to, changes: []change{{name, value}}}
}

var errOwnPipeline = errors.New("the pipeline of its script makes the batches")

// data is half and twice the examples of an epoch, where they are made; half of those
// of a file.
func (d defaults) data() ([]level, error) {
	n := d.c.Samples
	switch {
	case pipelined(d.g, d.c):
		return nil, errOwnPipeline
	case n < 2:
		return nil, errors.New("how many examples the data has is not known before it is read: set samples")
	}
	to := func(n int) level {
		return changing(strconv.Itoa(d.c.Samples), strconv.Itoa(n), "samples", strconv.Itoa(n))
	}
	if len(d.c.Data) > 0 || d.g.Data.Kind == "file" {
		return []level{to(n / 2)}, nil
	}
	return []level{to(n / 2), to(2 * n)}, nil
}

// batch is a fourth of the batch, and eight times as much. A full batch has a fourth
// and a thirty-second.
func (d defaults) batch() ([]level, error) {
	switch {
	case pipelined(d.g, d.c):
		return nil, errOwnPipeline
	case d.g.Variant.Batch != nil:
		return nil, fmt.Errorf("the export fixes it at %d", *d.g.Variant.Batch)
	}
	from, sizes := strconv.Itoa(d.c.Batch), []int{d.c.Batch / 4, 8 * d.c.Batch}
	if full := d.c.Samples; d.c.Batch == 0 || full > 0 && d.c.Batch >= full {
		from, sizes = "full", []int{full / 4, full / 32}
	} else if full > 0 && sizes[1] > full {
		sizes[1] = full
	}
	var out []level
	for _, n := range slices.Compact(sizes) {
		if n > 0 && n != d.c.Batch {
			out = append(out, changing(from, strconv.Itoa(n), "batch", strconv.Itoa(n)))
		}
	}
	if len(out) == 0 {
		return nil, errors.New("an epoch has too few examples for another batch")
	}
	return out, nil
}

// optimizer is SGD and Adam, in place of another.
func (d defaults) optimizer() ([]level, error) {
	own := d.g.Model.Optimizer.Name
	if own == "own" {
		return nil, errors.New("the model trains by a train_step of its own")
	}
	var out []level
	for _, name := range []string{"sgd", "adam"} {
		if name != own {
			out = append(out, exported(own, name, "optimizer", name))
		}
	}
	return out, nil
}

// precision is mixed with a shorter one, or not where it is.
func (d defaults) precision() ([]level, error) {
	const usual, mixed = "float32", "mixed_"
	if own := d.g.Variant.Precision; own != usual {
		return []level{exported(strings.TrimPrefix(own, mixed), usual, "precision", usual)}, nil
	}
	names := []string{"bfloat16"}
	if d.c.Device != "cpu" {
		names = append(names, "float16")
	}
	var out []level
	for _, name := range names {
		out = append(out, exported(usual, name, "precision", mixed+name))
	}
	return out, nil
}

func (d defaults) xla() ([]level, error) {
	switch {
	case d.c.Fits() && d.g.Variant.JIT:
		return []level{changing("on", "off", "compile", record.CompileOff)}, nil
	case d.c.Fits():
		return []level{changing("off", "on", "compile", record.CompileOn)}, nil
	case d.g.Variant.JIT:
		return []level{exported("on", "off", "jit", "false")}, nil
	case d.g.Variant.Devices() > 1:
		return nil, errors.New("it compiles no replicas")
	case d.g.Variant.Device == graph.ForGPU:
		return nil, errors.New("it compiles no kernels of cuDNN")
	}
	return []level{exported("off", "on", "jit", "true")}, nil
}

// oneDNN is off, or on where it is off.
func (d defaults) oneDNN() ([]level, error) {
	if d.c.Device != "cpu" {
		return nil, errors.New("its kernels are for the CPU")
	}
	from, to := defaultValue, "0"
	if set, ok := d.c.Env[onednn]; ok {
		from = set
		if set == "0" {
			to = "1"
		}
	}
	return []level{changing(from, to, "env."+onednn, to)}, nil
}

// defaultValue is the word for a value that TensorFlow chooses.
const defaultValue = "default"

// threads is one thread within an operation, and half of the cores.
func (d defaults) threads() ([]level, error) {
	from := defaultValue
	if d.c.IntraOp > 0 {
		from = strconv.Itoa(d.c.IntraOp)
	}
	var out []level
	for _, n := range slices.Compact([]int{1, max(1, d.cores/2)}) {
		if text := strconv.Itoa(n); text != from {
			out = append(out, changing(from, text, "intra-op", text))
		}
	}
	if len(out) == 0 {
		return nil, errors.New("an operation has one thread already, and so has half of the cores")
	}
	return out, nil
}

// moreWork are steps of preprocessing, the most work first. Those of a list are added
// together, to one input.
var moreWork = [][]string{{"flip", "shift=2", "brightness=0.1"}, {"normalize=0.5,2"}}

// preprocess is work on each batch, of a kind that an input takes.
func (d defaults) preprocess() ([]level, error) {
	for _, steps := range moreWork {
		for _, input := range d.g.Inputs {
			l := level{from: "own", to: "more"}
			if len(d.c.Preprocess) == 0 && len(d.g.Preprocess) == 0 {
				l.from = "none"
			}
			c := d.c
			for _, step := range steps {
				l.changes = append(l.changes, change{"preprocess", input.Name + ":" + step})
				c.Preprocess = append(slices.Clone(c.Preprocess), input.Name+":"+step)
			}
			if fits(d.g, c) == nil {
				return []level{l}, nil
			}
		}
	}
	return nil, errors.New("it has no input of numbers that could be changed as they are fed")
}

func (d defaults) prefetch() ([]level, error) {
	switch {
	case pipelined(d.g, d.c):
		return nil, errOwnPipeline
	case d.c.Resident():
		return nil, errors.New("its data stays on the device")
	case !d.c.OfGraph():
		return nil, fmt.Errorf("the runtime %s feeds itself", d.c.Runtime)
	}
	from, to := strconv.Itoa(d.c.Prefetch), "0"
	if d.c.Prefetch == 0 {
		to = strconv.Itoa(setting.Defaults().Prefetch)
	}
	return []level{changing(from, to, "prefetch", to)}, nil
}
