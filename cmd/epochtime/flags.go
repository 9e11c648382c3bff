package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-shellwords"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
)

// graphFlags say where graphs are.
type graphFlags struct{ root string }

func (f *graphFlags) add(flags *pflag.FlagSet) {
	root := os.Getenv("EPOCHTIME_GRAPHS")
	if root == "" {
		root = "graphs"
	}
	flags.StringVar(&f.root, "graphs", root, "`DIR` folder of exported graphs; EPOCHTIME_GRAPHS sets it too")
}

// complete offers a shell the graphs that are not named yet.
func (f *graphFlags) complete(_ *cobra.Command, named []string, _ string) ([]string, cobra.ShellCompDirective) {
	found, _, _ := graph.List(f.root) // without a list there is nothing to offer
	var out []string
	for _, m := range found {
		if !slices.Contains(named, filepath.Base(m.Dir)) {
			out = append(out, filepath.Base(m.Dir))
		}
	}
	return out, cobra.ShellCompDirectiveDefault // a path is a graph too, and a file a model
}

// workerFlags say which program runs a launch, and how.
type workerFlags struct {
	worker  string
	device  string
	timeout time.Duration
	env     []string
	intraOp int
	interOp int
	// TensorFlow's way through a step's operations; empty is its default
	executor string
	memory   sizeFlag
}

var devicePattern = regexp.MustCompile(`^(cpu|gpu|gpu:\d+|tpu)$`)

func (f *workerFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.worker, "worker", "", "`COMMAND` the worker program, as in 'ssh gpu7 epochtime-worker' (default: epochtime-worker beside this program, else on PATH)")
	flags.StringVar(&f.device, "device", "cpu", "`DEVICE` cpu, gpu, gpu:N or tpu; never another than asked for")
	flags.DurationVar(&f.timeout, "timeout", time.Hour, "`TIME` longest time that one launch may take; 0 is no limit")
	flags.StringArrayVar(&f.env, "env", nil, "`KEY=VALUE` a variable of the worker's environment (repeatable)")
	flags.IntVar(&f.intraOp, "intra-op", 0, "`N` threads within an operation; 0 is TensorFlow's choice")
	flags.IntVar(&f.interOp, "inter-op", 0, "`N` threads across operations; 0 is TensorFlow's choice")
	flags.StringVar(&f.executor, "executor", "", "`NAME` single-threaded or caller-thread: run a step's operations one after the other, without waking threads, which small models gain by (default: TensorFlow's pool of threads)")
}

func (f *workerFlags) addMemory(flags *pflag.FlagSet) {
	flags.Var(&f.memory, "memory-limit", "the most memory that a worker may take, files that it maps not counted, as in 2GiB; one that takes more is ended, as out of memory")
}

// check finds what is wrong with the flags before anything runs.
func (f *workerFlags) check() error {
	switch {
	case !devicePattern.MatchString(f.device):
		return usagef("--device %q is not one of cpu, gpu, gpu:N, tpu", f.device)
	case f.timeout < 0:
		return usagef("--timeout %v is negative", f.timeout)
	case f.intraOp < 0 || f.interOp < 0:
		return usagef("--intra-op and --inter-op are numbers of threads, 0 or more")
	}
	if !slices.Contains([]string{"", "single-threaded", "caller-thread"}, f.executor) {
		return usagef("--executor %q is neither single-threaded nor caller-thread", f.executor)
	}
	if _, err := f.argv(); err != nil {
		return err
	}
	_, err := f.environment()
	return err
}

func (f *workerFlags) environment() (map[string]string, error) {
	return pairs("--env", f.env)
}

// pairs reads KEY=VALUE arguments.
func pairs(flag string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, item := range list {
		key, value, ok := strings.Cut(item, "=")
		if !ok || key == "" {
			return nil, usagef("%s %q is not KEY=VALUE", flag, item)
		}
		out[key] = value
	}
	return out, nil
}

// stopGrace is how long a worker may take to end its step when asked to stop.
const stopGrace = 10 * time.Second

// launcher finds the worker program.
func (f *workerFlags) launcher() (*launch.Worker, error) {
	argv, err := f.argv()
	if err != nil {
		return nil, err
	}
	env, err := f.environment()
	if err != nil {
		return nil, err
	}
	return &launch.Worker{
		Argv: argv, Env: env, Timeout: f.timeout, Grace: stopGrace,
		// TensorFlow's notices would push the cause of a failure out of what is kept of stderr.
		Quiet:    map[string]string{"TF_CPP_MIN_LOG_LEVEL": "1"},
		OOMKills: machine.OOMKills,
		Memory:   launch.Memory{Limit: uint64(f.memory), NewGroup: newMemoryGroup, Resident: machine.GroupResident},
	}, nil
}

func newMemoryGroup(limit uint64) (launch.MemoryGroup, error) { return machine.NewMemoryGroup(limit) }

func (f *workerFlags) argv() ([]string, error) {
	if f.worker != "" {
		words := shellwords.NewParser()
		argv, err := words.Parse(f.worker)
		if err != nil || len(argv) == 0 || words.Position >= 0 { // it stops at ; & | < >
			return nil, usagef("--worker %q is not one command: wrap more than that into sh -c '…'", f.worker)
		}
		return argv, nil
	}
	const name = "epochtime-worker"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return []string{beside}, nil
		}
	}
	return []string{name}, nil
}

// batchFlag is a number of examples or "full"; 0 is full, -1 the graph's default.
type batchFlag int

func (b *batchFlag) String() string {
	switch *b {
	case -1:
		return ""
	case 0:
		return "full"
	}
	return strconv.Itoa(int(*b))
}

func (b *batchFlag) Set(text string) error {
	if text == "full" {
		*b = 0
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errors.New("a batch is 1 example or more, or full")
	}
	*b = batchFlag(n)
	return nil
}

func (b *batchFlag) Type() string { return "N|full" }

// suites are the named sets of graphs.
