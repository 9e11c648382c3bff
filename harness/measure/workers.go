package measure

import (
	"cmp"
	"os"
	"path/filepath"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/record"
)

// stopGrace is how long a worker may take to end its step when asked to stop.
const stopGrace = 10 * time.Second

// Workers returns what runs each launch of a configuration in a worker process:
// its command, or epochtime-worker beside the running program, or on PATH.
func Workers(c record.Config) (Launcher, error) { return worker(c), nil }

func worker(c record.Config) *launch.Worker {
	argv := c.Worker
	if len(argv) == 0 {
		argv = []string{defaultWorker()}
	}
	return &launch.Worker{
		Argv: argv, Env: c.Env, Timeout: time.Duration(c.Timeout * float64(time.Second)), Grace: stopGrace,
		// TensorFlow's notices would push the cause of a failure out of what is kept of stderr.
		Quiet:    map[string]string{"TF_CPP_MIN_LOG_LEVEL": "1"},
		OOMKills: machine.OOMKills,
		Memory:   launch.Memory{Limit: c.MemoryLimit, NewGroup: newMemoryGroup, Resident: machine.GroupResident},
	}
}

func newMemoryGroup(limit uint64) (launch.MemoryGroup, error) { return machine.NewMemoryGroup(limit) }

// defaultWorker is the worker program that is installed with this one.
func defaultWorker() string {
	const name = "epochtime-worker"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	return name
}

// workerArgv is the command that runs a configuration's launches.
func workerArgv(c record.Config) []string {
	if len(c.Worker) > 0 {
		return c.Worker
	}
	return []string{defaultWorker()}
}

// absolute is the path from the root; the path itself where that is unknown.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return cmp.Or(whole, path)
}
