// Package scripted is a worker for tests. Instead of training it follows a script,
// which decides on its events and its end. A test binary that calls Main in a process
// of its own is such a worker.
//
// A script has one command per line; commands.go lists them. A line [KIND] limits the
// lines that follow to jobs of that kind. [KIND N] limits them to the Nth such job in
// the file of the command log, [KIND GRAPH] to jobs of one graph, [KIND FEED] to jobs
// with that feed, and [KIND batch=N] and [KIND executor=NAME] to jobs with that
// setting. [any] ends the limit.
package scripted

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/protocol"
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
[any]
done
`

// Main follows the script in the file of the first argument, or Good without one. It
// exits with an error if the script is wrong or an expectation fails.
func Main() {
	script := Good
	if len(os.Args) > 1 {
		text, err := os.ReadFile(os.Args[1])
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

	validation float64    // seconds after each epoch; 0: none
	growth     uint64     // bytes of memory with each epoch
	told       bool       // epochs have their memory
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
	switch len(section) {
	case 1:
		return section[0] == "any" || section[0] == string(w.job.Kind)
	case 2:
		c := w.job.Config
		which := slices.Contains([]string{
			strconv.Itoa(w.nth), filepath.Base(w.job.Graph), c.Feed, fmt.Sprintf("batch=%d", c.Batch), "executor=" + c.Executor,
		}, section[1])
		return section[0] == string(w.job.Kind) && which
	}
	return false
}
