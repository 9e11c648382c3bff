package measure

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"epochtime/harness/exporter"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/runtimes"
	"epochtime/internal/process"
)

// Workers returns a Launcher that starts a worker process for each launch. The
// program is that of the runtime, such as epochtime-worker beside the running program
// or on PATH; see package runtimes, whose errors it returns.
func Workers(c record.Config) (Launcher, error) { return WorkersOf("")(c) }

// WorkersOf returns a function like Workers, with the Python for runtimes that train in
// Python, and for workers that do not find TensorFlow by themselves; empty is the
// exporter's.
func WorkersOf(python string) func(record.Config) (Launcher, error) {
	return func(c record.Config) (Launcher, error) {
		command, err := runtimes.Find(c, python)
		if err != nil {
			return nil, err
		}
		return &launch.Worker{
			Argv: command.Argv, Env: c.Env, Base: command.Env,
			// Without TensorFlow's notices, the end of stderr that is kept has the cause of a failure.
			Quiet:    map[string]string{"TF_CPP_MIN_LOG_LEVEL": "1"},
			Explain:  command.Explain,
			OOMKills: machine.OOMKills, Supply: supplies,
			Memory: launch.Memory{Limit: c.MemoryLimit, NewGroup: newMemoryGroup, Resident: machine.GroupResident},
		}, nil
	}
}

// workerArgv returns the command of a configuration's worker, for a key or a record.
func workerArgv(w Launcher, c record.Config) []string {
	if started, ok := w.(*launch.Worker); ok && started != nil && len(started.Argv) > 0 {
		return started.Argv
	}
	command, err := runtimes.Find(c, "")
	if err != nil {
		return []string{c.Runtime}
	}
	return command.Argv
}

// libraryStamp identifies the library that a worker is told to load. It is empty for one
// that finds its library by itself.
func libraryStamp(w Launcher) string {
	started, ok := w.(*launch.Worker)
	if !ok || started == nil {
		return ""
	}
	folders := filepath.SplitList(started.Base[runtimes.SearchPath])
	if len(folders) == 0 {
		return ""
	}
	return process.FileStamp(filepath.Join(folders[0], exporter.Library))
}

// CheckWorker has a worker multiply two matrices, and name its devices. The error is
// ctx's, or that of the launch.
func CheckWorker(ctx context.Context, w Launcher, c record.Config) (*launch.Outcome, error) {
	return answer(ctx, w, c, protocol.Doctor, func(o *launch.Outcome) bool { return o.Doctor != nil && o.Hello != nil })
}

// answer gives a worker a job that is of no graph. whole reports whether it told all that
// was asked.
func answer(ctx context.Context, w Launcher, c record.Config, kind protocol.Kind, whole func(*launch.Outcome) bool) (*launch.Outcome, error) {
	if w == nil {
		return nil, ErrNothing
	}
	ctx = cmp.Or(ctx, context.Background())
	within, stop, _ := limited(ctx, c, 0)
	defer stop()
	out, err := w.Run(within, protocol.Job{Kind: kind, Config: unscripted(c)}, nil)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.Launch.Status != record.OK || !whole(out):
		return nil, fmt.Errorf("the worker does not work: %w", out.Err())
	}
	return out, nil
}

func newMemoryGroup(limit uint64) (launch.MemoryGroup, error) { return machine.NewMemoryGroup(limit) }

// duration converts seconds, as records have them.
func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// absolute returns an absolute path, or path itself if there is no working directory.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return cmp.Or(whole, path)
}
