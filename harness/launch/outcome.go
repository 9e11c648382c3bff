package launch

import (
	"errors"
	"fmt"
	"strings"

	"epochtime/harness/record"
)

// Err returns why a launch did not go well: the reason in its record and, where
// the worker did not give it itself, its last words.
func (o *Outcome) Err() error {
	err := errors.New(o.Launch.Reason)
	if o.Launch.Status == record.OK {
		err = errors.New("the worker did not answer what it was asked")
	}
	if o.Failure == nil && o.Stderr != "" {
		return fmt.Errorf("%w\nThe worker's last words:\n%s", err, lastLines(o.Stderr, 15))
	}
	return err
}

// lastLines returns the last n lines of a text, indented.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return "  " + strings.Join(lines, "\n  ")
}
