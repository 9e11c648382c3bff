package setting

import (
	"epochtime/harness/record"
)

// table lists the settings. Nothing else does.
var table = []Setting{
	{
		Name: "samples", Value: "N", Unset: "all", Axis: "1000,4000",
		Usage: "examples per epoch (default: the graph's own, or all of the data)",
		list:  integer(func(c *record.Config) *int { return &c.Samples }).list,
		set:   integer(func(c *record.Config) *int { return &c.Samples }).atLeast(1),
	},
	{
		Name: "batch", Value: "N|full", Axis: "1..4096 or 32,64,full",
		Usage: "examples per step, or full for one step per epoch (default: the graph's own)",
		list:  batchList, set: setBatch,
	},
	{
		Name: "epochs", Value: "N", Comparable: true,
		Usage: "measured epochs per launch (default: the graph's own)",
		list:  integer(func(c *record.Config) *int { return &c.Epochs }).list,
		set:   integer(func(c *record.Config) *int { return &c.Epochs }).atLeast(1),
	},
	{
		Name: "for", Value: "TIME", Comparable: true,
		Usage: "measure epochs until they have taken this time, such as 30m, in place of a number of epochs",
		list:  forList, set: setFor,
	},
	{
		Name: "warmup", Value: "N", Comparable: true,
		Usage: "epochs before the measured ones",
		list:  integer(func(c *record.Config) *int { return &c.Warmup }).always,
		set:   integer(func(c *record.Config) *int { return &c.Warmup }).required(0),
	},
	{
		Name: "cold", Unset: "no",
		Usage: "no warm-up, and first steps inside the first epoch, which is shown beside the later ones",
		list:  switched(func(c *record.Config) *bool { return &c.Cold }).list,
		set:   switched(func(c *record.Config) *bool { return &c.Cold }).set,
	},
	{
		Name: "data", Value: "FILE", Unset: "own", Repeat: true,
		Usage: "data to train on: a file, a glob in quotes or a folder, of a kind that 'epochtime data --help' lists; NAME=FILE, .npy or idx, for each input (repeatable; default: the graph's own)",
		list:  words(func(c *record.Config) *[]string { return &c.Data }).list,
		set:   words(func(c *record.Config) *[]string { return &c.Data }).add,
	},
	{
		Name: "input", Value: "NAME=COLUMN", Unset: "by name", Repeat: true,
		Usage: "column or array of the data that feeds an input or target; separate several columns by commas (repeatable)",
		list:  pairs(func(c *record.Config) *map[string]string { return &c.Inputs }).list,
		set:   setInput,
	},
	{
		Name: "take", Value: "N", Unset: "all",
		Usage: "train on N examples of the data, drawn at random by the seed (default: all, in order)",
		list:  integer(func(c *record.Config) *int { return &c.Take }).list,
		set:   integer(func(c *record.Config) *int { return &c.Take }).atLeast(1),
	},
	{
		Name: "header", Value: "LINE", Unset: "names, unless in doubt", Choices: []string{"first", "none"},
		Usage: "whether the first line of a .csv or .tsv file names its columns: first (it does) or none (they are called 0, 1, 2, …)",
		list:  word(func(c *record.Config) *string { return &c.Header }).list,
		set:   word(func(c *record.Config) *string { return &c.Header }).set,
	},
	{
		Name: "tokens", Value: "KIND", Unset: "default", Choices: []string{"words", "chars", "bytes"},
		Usage: "tokens that a text is split into: words, chars or bytes (default: what the graph's categories allow)",
		list:  word(func(c *record.Config) *string { return &c.Tokens }).list,
		set:   word(func(c *record.Config) *string { return &c.Tokens }).set,
	},
	{
		Name: "window", Value: "N", Unset: "default",
		Usage: "tokens per example of a text (default: the graph's length)",
		list:  integer(func(c *record.Config) *int { return &c.Window }).list,
		set:   integer(func(c *record.Config) *int { return &c.Window }).atLeast(1),
	},
	{
		Name: "image-size", Value: "HxW", Unset: "default",
		Usage: "size to which images are resized, such as 224x224 (default: the graph's)",
		list:  word(func(c *record.Config) *string { return &c.ImageSize }).list,
		set:   setImageSize,
	},
	{
		Name: "seed", Value: "N", Comparable: true,
		Usage: "seed of synthetic data, shuffling and the order of launches",
		list:  seedList, set: setSeed,
	},
	{
		Name: "feed", Value: "HOW", Choices: []string{record.FeedBatches, record.FeedResident},
		Usage: "batches; or resident: the data stays on the device, and an epoch is one call",
		list:  word(func(c *record.Config) *string { return &c.Feed }).list,
		set:   word(func(c *record.Config) *string { return &c.Feed }).set,
	},
	{
		Name: "fetch", Value: "WHEN", Unset: record.FetchEvery, Choices: []string{record.FetchEvery, record.FetchLast}, Axis: "every,last",
		Usage: "when the host reads losses: every, at each step; or last, once when the epoch ends, so that it waits for no step (default every)",
		list:  word(func(c *record.Config) *string { return &c.Fetch }).list,
		set:   setFetch,
	},
	{
		Name: "shuffle", Unset: "no",
		Usage: "shuffle the examples before every epoch (default: as the fit of the model's script)",
		list:  shuffleList, set: setShuffle,
	},
	{
		Name: "pipeline", Value: "HOW", Unset: "script", Choices: []string{record.PipelineScript, record.PipelineMemory},
		Usage: "a script's tf.data pipeline: script, inside each epoch; or memory, the batches of one pass, drawn before the clock starts (default script)",
		list:  word(func(c *record.Config) *string { return &c.Pipeline }).list,
		set:   word(func(c *record.Config) *string { return &c.Pipeline }).set,
	},
	part("validation", "a script's validation after each epoch: script, as its fit says; or none", func(c *record.Config) *string { return &c.Validation }),
	{
		Name: "runtime", Value: "NAME", Unset: record.RuntimeGo, Axis: "go,fit,tf-function", Choices: record.Runtimes(),
		Usage: "what trains: go, the exported graph; fit, fit-jax or fit-torch, Keras's own fit of the script or model on that backend; tf-function, a Python loop around one step (default go)",
		list:  word(func(c *record.Config) *string { return &c.Runtime }).list,
		set:   setRuntime,
	},
	part("callbacks", "callbacks of a script's fit: script or none", func(c *record.Config) *string { return &c.Callbacks }),
	part("metrics", "metrics of a model in fit: script or none", func(c *record.Config) *string { return &c.Metrics }),
	{
		Name: "step", Value: "HOW", Unset: record.PartScript, Choices: []string{record.PartScript, record.StepStamped, record.PartNone},
		Usage: "of Keras's fit: script; stamped, timed inside the graph, so that waiting is what else the calls take; or none: batches are drawn, and nothing is trained (default script)",
		list:  word(func(c *record.Config) *string { return &c.Step }).list,
		set:   word(func(c *record.Config) *string { return &c.Step }).set,
	},
	{
		Name: "steps-per-execution", Value: "N", Unset: "script", Axis: "1,32",
		Usage: "steps in one call of Keras's train function (default: as the model is compiled)",
		list:  integer(func(c *record.Config) *int { return &c.PerCall }).list,
		set:   integer(func(c *record.Config) *int { return &c.PerCall }).atLeast(1),
	},
	{
		Name: "compile", Value: "HOW", Unset: "script", Choices: []string{record.CompileOn, record.CompileOff}, Axis: "on,off",
		Usage: "XLA in Keras's fit: on or off (default: as the model is compiled)",
		list:  word(func(c *record.Config) *string { return &c.Compile }).list,
		set:   word(func(c *record.Config) *string { return &c.Compile }).set,
	},
	{
		Name: "preprocess", Value: "STEP", Unset: "none", Repeat: true,
		Usage: "preprocessing of an input, added to the graph's own: x:scale=0.5, x:normalize=MEAN,STDDEV, x:flip, x:shift=PIXELS, x:brightness=AMOUNT, x:pad=VALUE or y:one_hot (repeatable)",
		list:  words(func(c *record.Config) *[]string { return &c.Preprocess }).list,
		set:   setPreprocess,
	},
	{
		Name: "pad-to", Value: "N", Unset: "longest", Axis: "8,16",
		Usage: "pad sequences to a multiple of N (default: the longest of the batch)",
		list:  integer(func(c *record.Config) *int { return &c.PadTo }).list,
		set:   integer(func(c *record.Config) *int { return &c.PadTo }).atLeast(0),
	},
	{
		Name: "prefetch", Value: "N", Axis: "0,2",
		Usage: "batches prepared ahead of the step; 0 prepares each batch between steps",
		list:  integer(func(c *record.Config) *int { return &c.Prefetch }).always,
		set:   integer(func(c *record.Config) *int { return &c.Prefetch }).required(0),
	},
	{
		Name: "feed-threads", Value: "N", Axis: "1,2",
		Usage: "goroutines that prepare batches",
		list:  integer(func(c *record.Config) *int { return &c.FeedThreads }).always,
		set:   integer(func(c *record.Config) *int { return &c.FeedThreads }).required(1),
	},
	{
		Name: "load-weights", Value: "FILE", Unset: "own",
		Usage: "start training from the weights in FILE, as --save-weights or Keras writes it; of a folder, from GRAPH.weights.h5 (default: the weights of the export)",
		list:  word(func(c *record.Config) *string { return &c.LoadWeights }).list,
		set:   word(func(c *record.Config) *string { return &c.LoadWeights }).set,
	},
	{
		Name: "worker", Value: "COMMAND", Unset: "default", Comparable: true,
		Usage: "worker program, such as 'ssh gpu7 epochtime-worker', or the name of one that 'make setup NAME=…' made (default: epochtime-worker beside this program, or else on PATH)",
		list:  workerList, set: setWorker,
	},
	{
		Name: "device", Value: "DEVICE", Choices: []string{"cpu", "gpu", "gpu:N", "gpu:N,M", "tpu"},
		Usage: "cpu, gpu, gpu:N, several GPUs as gpu:0,1, or tpu; there is no fallback to another device",
		list:  word(func(c *record.Config) *string { return &c.Device }).list,
		set:   setDevice,
	},
	{
		Name: "env", Value: "KEY=VALUE", Unset: "none", Repeat: true,
		Usage: "environment variable of the worker, in place of one that the model's script sets (repeatable)",
		list:  pairs(func(c *record.Config) *map[string]string { return &c.Env }).list,
		set:   pairs(func(c *record.Config) *map[string]string { return &c.Env }).add,
	},
	{
		Name: "intra-op", Value: "N", Unset: "default", Axis: "1,2",
		Usage: "threads within an operation (default: those that the model's script sets, or TensorFlow's choice)",
		list:  integer(func(c *record.Config) *int { return &c.IntraOp }).unlessGraphs,
		set:   integer(func(c *record.Config) *int { return &c.IntraOp }).atLeast(0),
	},
	{
		Name: "inter-op", Value: "N", Unset: "default", Axis: "1,2",
		Usage: "threads across operations (default: those that the model's script sets, or TensorFlow's choice)",
		list:  integer(func(c *record.Config) *int { return &c.InterOp }).unlessGraphs,
		set:   integer(func(c *record.Config) *int { return &c.InterOp }).atLeast(0),
	},
	{
		Name: "executor", Value: "NAME", Unset: "auto", Axis: "thread-pool,caller-thread", Choices: []string{record.ThreadPool, record.SingleThreaded, record.CallerThread},
		Usage: "thread-pool, as TensorFlow does by itself; single-threaded or caller-thread: run the operations of a step one after another, without waking threads, which is faster for small models (default auto: caller-thread where a step is so small that waking a thread takes longer, else thread-pool)",
		list:  word(func(c *record.Config) *string { return &c.Executor }).list,
		set:   word(func(c *record.Config) *string { return &c.Executor }).set,
	},
	{
		Name: "timeout", Value: "TIME", Unset: "auto", Comparable: true,
		Usage: "time limit per launch, such as 90s (default: an hour for the first launch of a configuration, then 10 times its longest, and a minute at least)",
		list:  timeoutList, set: setTimeout,
	},
	{
		Name: "memory-limit", Value: "SIZE", Unset: "none", Comparable: true,
		Usage: "memory limit of a worker, such as 2GiB, without the files that it maps; a worker that exceeds it is stopped, and counts as out of memory",
		list:  size(func(c *record.Config) *uint64 { return &c.MemoryLimit }).list,
		set:   size(func(c *record.Config) *uint64 { return &c.MemoryLimit }).set,
	},
	{
		Name: "gpu-memory-limit", Value: "SIZE", Unset: "none",
		Usage: "memory that TensorFlow may take of a GPU, such as 8GiB; more than that is out of memory",
		list:  size(func(c *record.Config) *uint64 { return &c.GPUMemoryLimit }).list,
		set:   size(func(c *record.Config) *uint64 { return &c.GPUMemoryLimit }).set,
	},
}

// part describes a part of a script's fit that can be left out.
func part(name, usage string, of word) Setting {
	return Setting{
		Name: name, Value: "HOW", Unset: record.PartScript, Choices: []string{record.PartScript, record.PartNone}, Axis: "script,none",
		Usage: usage + " (default script)",
		list:  of.list, set: of.set,
	}
}

// Defaults returns the default settings: one warm-up epoch, two batches prepared
// ahead by one goroutine, the CPU, a time limit per launch that follows from earlier
// launches, and the graph's own batch, epochs, samples, shuffling, threads and
// variables.
func Defaults() record.Config {
	return record.Config{
		Batch: OfGraph, Warmup: 1, Seed: 1, Feed: record.FeedBatches, Prefetch: 2, FeedThreads: 1, Device: "cpu",
		IntraOp: OfGraph, InterOp: OfGraph,
	}
}
