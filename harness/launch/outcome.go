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
	if o.Failure == nil && o.Stderr != "" && !strings.HasSuffix(o.Launch.Reason, strings.TrimSpace(o.Stderr)) {
		return fmt.Errorf("%w\nIts last lines on stderr:\n%s", err, telling(o.Stderr, 15))
	}
	return err
}
