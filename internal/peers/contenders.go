//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// contender is one way to train: a variant of the graph, settings, and for what is no
// runtime of epochtime's a worker.
type contender struct {
	name, title, what string

	export   []string   // options of the exporter for the variant
	variant  string     // what the variant's name ends in
	settings [][]string // name and value of each
	worker   []string   // Python's words; {weights} and {c-loop} are files
	runtimes bool       // it needs the Python of the runtimes
	models   []kind     // that it can train; nil is all
}

// own reports whether the contender is epochtime's graph, from Go.
func (c contender) own() bool {
	return c.worker == nil && !slices.ContainsFunc(c.settings, func(s []string) bool { return s[0] == "runtime" })
}

// reference is the contender that all are compared with.
const reference = "epochtime"

var (
	caller  = []string{"executor", record.CallerThread}
	byHand  = []kind{written, recurrent}
	singles = []kind{plain, written, recurrent}
)

// contenders are all there are, in the order of the page's list.
var contenders = []contender{
	{
		name: reference, title: "epochtime",
		what: "The exported graph as `epochtime run NAME` runs it.",
	},
	{
		name: "epochtime-caller", title: "epochtime, caller-thread",
		what:     "The same with `--executor caller-thread`.",
		settings: [][]string{caller},
	},
	{
		name: "epochtime-onednn-on", title: "epochtime, oneDNN on",
		what:     "The same with `--env TF_ENABLE_ONEDNN_OPTS=1`.",
		settings: [][]string{{"env.TF_ENABLE_ONEDNN_OPTS", "1"}},
	},
	{
		name: "epochtime-onednn-off", title: "epochtime, oneDNN off",
		what:     "The same with `--env TF_ENABLE_ONEDNN_OPTS=0`.",
		settings: [][]string{{"env.TF_ENABLE_ONEDNN_OPTS", "0"}},
	},
	{
		name: "epochtime-jit", title: "epochtime, XLA",
		what:   "The graph `NAME-jit`, exported with `--jit`: the step compiled by XLA.",
		export: []string{"--jit"}, variant: "-jit",
	},
	{
		name: "epochtime-jit-caller", title: "epochtime, XLA, caller-thread",
		what:   "The same with `--executor caller-thread`.",
		export: []string{"--jit"}, variant: "-jit", settings: [][]string{caller},
	},
	{
		name: "epochtime-fused", title: "epochtime, fused, XLA, caller-thread",
		what:   "The graph `NAME-fused-jit`, exported with `--fused --jit`, and `--executor caller-thread`: recurrent layers with one gradient for all steps, the whole step compiled by XLA.",
		export: []string{"--fused", "--jit"}, variant: "-fused-jit", settings: [][]string{caller},
		models: []kind{recurrent},
	},
	{
		name: "epochtime-parts", title: "epochtime, fused, XLA, 2 parts",
		what:   "The graph `NAME-fused-p2-jit`, exported with `--fused --jit --parts 2`: each half of a batch on a core of its own.",
		export: []string{"--fused", "--jit", "--parts", "2"}, variant: "-fused-p2-jit",
		models: []kind{recurrent},
	},
	{
		name: "c-loop", title: "C loop",
		what:   "The same graph in a C program that does nothing but `TF_SessionRun`, on tensors that were all made before the first epoch: no slicing, no padding, no clock within the epoch. What it does not do, nobody could save.",
		worker: []string{"-m", "pygen.peers.c_loop", "{c-loop}"}, models: singles,
	},
	{
		name: "fit", title: "Keras fit",
		what:     "`--runtime fit`: Keras's own `fit` of the model on TensorFlow, with `jit_compile=\"auto\"` (without a GPU that means no XLA).",
		settings: [][]string{{"runtime", record.RuntimeFit}},
	},
	{
		name: "fit-jit", title: "Keras fit, XLA",
		what:     "The same with `--compile on`.",
		settings: [][]string{{"runtime", record.RuntimeFit}, {"compile", record.CompileOn}},
	},
	{
		name: "fit-jax", title: "Keras fit on JAX",
		what:     "`--runtime fit-jax`: the same model under `KERAS_BACKEND=jax`.",
		settings: [][]string{{"runtime", record.RuntimeFitJAX}}, runtimes: true,
	},
	{
		name: "fit-torch", title: "Keras fit on PyTorch",
		what:     "`--runtime fit-torch`: the same model under `KERAS_BACKEND=torch`.",
		settings: [][]string{{"runtime", record.RuntimeFitTorch}}, runtimes: true,
	},
	{
		name: "tf-function", title: "tf.function loop",
		what:     "`--runtime tf-function`: a Python loop around one `tf.function` step, as TensorFlow's guides write it.",
		settings: [][]string{{"runtime", record.RuntimeTFFunction}},
	},
	{
		name: "torch", title: "PyTorch",
		what:   "The article's loop: slices of tensors, `pad_sequence`, `zero_grad(set_to_none=True)`, `backward`, `step`; threads as PyTorch chooses. Its optimizers are PyTorch's own.",
		worker: []string{"-m", "pygen.peers.torch_loop", "{weights}"}, runtimes: true, models: byHand,
	},
	{
		name: "torch-compile", title: "PyTorch, compiled",
		what:   "The same with `torch.compile(model)`. Its compiled kernels are kept on disk between the launches, as PyTorch does it, so its start is that of a second run. PyTorch leaves `nn.RNN`, `nn.LSTM` and `nn.GRU` as they are.",
		worker: []string{"-m", "pygen.peers.torch_loop", "{weights}", "--compile"}, runtimes: true, models: byHand,
	},
	{
		name: "jax", title: "JAX",
		what:   "Plain functions and `jax.jit` over the whole step, state donated; recurrent models project all inputs at once and scan over time; Adam by hand.",
		worker: []string{"-m", "pygen.peers.jax_loop", "{weights}"}, runtimes: true, models: byHand,
	},
}

func contenderNames() []string {
	var names []string
	for _, c := range contenders {
		names = append(names, c.name)
	}
	return names
}

// chooseContenders returns the contenders with these names in the order of the list,
// and always the reference.
func chooseContenders(names []string) ([]contender, error) {
	for _, name := range names {
		if !slices.Contains(contenderNames(), name) {
			return nil, fmt.Errorf("there is no contender %q: there are %s", name, strings.Join(contenderNames(), ", "))
		}
	}
	var out []contender
	for _, c := range contenders {
		if c.name == reference || slices.Contains(names, c.name) {
			out = append(out, c)
		}
	}
	return out, nil
}

// fitting returns the contenders that can train a work.
func fitting(list []contender, w work) []contender {
	var out []contender
	for _, c := range list {
		compiled := slices.Contains(c.export, "--jit")
		if (c.models == nil || slices.Contains(c.models, w.kind)) && !(compiled && w.noXLA) {
			out = append(out, c)
		}
	}
	return out
}
