// Package scripted is a worker for tests. Instead of training it follows a script,
// which decides on its events and its end. A test binary that calls Main in a process
// of its own is such a worker.
//
// A script has one command per line; commands.go lists them. A line [KIND] limits the
// lines that follow to jobs of that kind. [KIND N] limits them to the Nth such job in
// the file of the command log, [KIND GRAPH] to jobs of one graph, [KIND FEED] to jobs
// with that feed, and [KIND batch=32 runtime=fit] to jobs with these settings, as keys
// and values of the record have them. [any] ends the limit.
package scripted

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// Good is the script of a worker that does every job.
const Good = `
job
hello
[train]
train
[parity]
parity
[doctor]
doctor
[trace]
trace
[examples]
examples
[probe]
probe
[any]
done
`

// Main follows the script in the file of the first argument, or Good without one. It
// exits with an error if the script is wrong or an expectation fails.
func Main() {
	file := ""
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	play(file, Good)
}

// play follows the script in a file, or the usual one if there is none.
func play(file, usual string) {
	script := usual
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, "scripted:", err)
			os.Exit(exitScript)
		}
		script = string(text)
	}
	w := &worker{in: bufio.NewReader(os.Stdin), out: os.Stdout, events: protocol.NewWriter(os.Stdout)}
	if err := w.follow(script); err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, "scripted:", err)
		os.Exit(exitScript)
	}
}

// exitScript is the exit status if the script is wrong or an expectation fails.
const exitScript = 99

// worker follows a script.
type worker struct {
	in      *bufio.Reader
	out     *os.File
	events  *protocol.Writer
	job     protocol.Job
	trained bool
	swiftly bool

	loss       float64      // of the first epoch; 0: startLoss
	callbacks  float64      // seconds of each epoch
	stretched  int64        // factor of a traced step; 0 is 1
	rates      []float64    // seconds of an epoch, a step and an example; nil: epochs take what train says
	validation float64      // seconds after each epoch; 0: none
	gpus       []record.GPU // that hello names
	growth     uint64       // bytes of memory with each epoch
	told       bool         // epochs have their memory
	warnings   []string     // of what may not be meant in the data
	onHost     []trace.HostOp
	nth        int        // number of the job among those of its kind, by the log
	held       []*os.File // locked until the process ends
}

func (w *worker) follow(script string) error {
	skip := false
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if section, ok := strings.CutPrefix(line, "["); ok {
			skip = !w.belongs(strings.Fields(strings.TrimSuffix(section, "]")))
			continue
		}
		if skip {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		command, ok := commands[name]
		if !ok {
			return fmt.Errorf("no command %q", name)
		}
		if err := command(w, strings.TrimSpace(rest)); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	return nil
}

// belongs reports whether the job belongs to a section.
func (w *worker) belongs(section []string) bool {
	if len(section) == 0 || section[0] != "any" && section[0] != string(w.job.Kind) {
		return false
	}
	for _, which := range section[1:] {
		if !slices.Contains([]string{strconv.Itoa(w.nth), filepath.Base(w.job.Graph), w.job.Config.Feed}, which) && !w.has(which) {
			return false
		}
	}
	return true
}

// has reports whether the job has a setting, KEY=VALUE; one that is not set is empty.
func (w *worker) has(setting string) bool {
	key, want, ok := strings.Cut(setting, "=")
	text, err := json.Marshal(w.job.Config)
	var config map[string]any
	if !ok || err != nil || json.Unmarshal(text, &config) != nil {
		return false
	}
	got, set := config[key]
	return set && fmt.Sprint(got) == want || !set && want == ""
}
