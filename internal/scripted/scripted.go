// Package scripted is a worker for tests: it follows a short script in place of
// training, so that a test decides what a worker says and how it ends. A test
// binary that calls Main in a process of its own is such a worker.
//
// A script is one command a line; commands.go lists them. A line [KIND] makes
// the lines after it count for jobs of that kind only, [KIND N] for the Nth such
// job in the file that the command log writes, [KIND GRAPH] for those of one
// graph, [KIND FEED] for those that feed it so, [KIND batch=N] and [KIND
// executor=NAME] for those of such settings, and [any] for all again.
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

// Good is the script of a worker that does all it is asked.
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

// Main follows the script in the file that the first argument names, or Good
// where there is none, and ends the process.
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

// exitScript is the exit status of a script that is wrong or not met.
const exitScript = 99

// worker is a script being followed.
type worker struct {
	in     *bufio.Reader
	out    *os.File
	events *protocol.Writer
	job    protocol.Job
	nth    int        // which job of its kind this is, by the log
	held   []*os.File // files locked until the end of the process
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

// belongs tells whether the job belongs to a section.
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
