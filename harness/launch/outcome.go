package launch

import (
	"errors"
	"fmt"
	"strings"

	"epochtime/harness/record"
)

// Err returns why a launch failed: the reason in its record and, if the worker did
// not give that reason itself, the last lines of its stderr.
func (o *Outcome) Err() error {
	if o == nil {
		return errors.New("there is no outcome of a launch")
	}
	err := errors.New(o.Launch.Reason)
	if o.Launch.Status == record.OK {
		err = errors.New("the worker did not answer the job")
	}
	if o.Failure == nil && o.Stderr != "" {
		return fmt.Errorf("%w\nIts last lines on stderr:\n%s", err, lastLines(o.Stderr, 15))
	}
	return err
}

// lastLines returns the last n lines of a text, each indented.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "  " + strings.Join(lines, "\n  ")
}
