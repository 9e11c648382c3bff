package measure

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// Workers returns a Launcher that starts a worker process for each launch. The
// program is c.Worker, or else epochtime-worker beside the running program or on
// PATH.
func Workers(c record.Config) (Launcher, error) {
	return &launch.Worker{
		Argv: workerArgv(c), Env: c.Env,
		// Without TensorFlow's notices, the end of stderr that is kept has the cause of a failure.
		Quiet:    map[string]string{"TF_CPP_MIN_LOG_LEVEL": "1"},
		OOMKills: machine.OOMKills,
		Memory:   launch.Memory{Limit: c.MemoryLimit, NewGroup: newMemoryGroup, Resident: machine.GroupResident},
	}, nil
}

// CheckWorker has a worker multiply two matrices, and name its devices. The error is
// ctx's, or that of the launch.
func CheckWorker(ctx context.Context, w Launcher, c record.Config) (*launch.Outcome, error) {
	if w == nil {
		return nil, ErrNothing
	}
	ctx = cmp.Or(ctx, context.Background())
	within, stop, _ := limited(ctx, c, 0)
	defer stop()
	out, err := w.Run(within, protocol.Job{Kind: protocol.Doctor, Config: unscripted(c)}, nil)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.Launch.Status != record.OK || out.Doctor == nil || out.Hello == nil:
		return nil, fmt.Errorf("the worker does not work: %w", out.Err())
	}
	return out, nil
}

func newMemoryGroup(limit uint64) (launch.MemoryGroup, error) { return machine.NewMemoryGroup(limit) }

// DefaultWorker returns the worker program that is installed beside this one, or else
// its name, to be found on PATH.
func DefaultWorker() string {
	const name = "epochtime-worker"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	return name
}

// duration converts seconds, as records have them.
func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// workerArgv returns the command of a configuration's worker.
func workerArgv(c record.Config) []string {
	if len(c.Worker) > 0 {
		return c.Worker
	}
	return []string{DefaultWorker()}
}

// absolute returns an absolute path, or path itself if there is no working directory.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return cmp.Or(whole, path)
}
