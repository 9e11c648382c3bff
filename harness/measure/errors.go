package measure

import "errors"

// Errors of this package, for errors.Is.
var (
	// ErrNothing means that an argument is missing: there is no configuration, graph
	// or launcher.
	ErrNothing = errors.New("there is nothing to measure: no graph is given")
	// ErrOptions means that a value of Options is impossible.
	ErrOptions = errors.New("the options are impossible")
	// ErrFailed means that a launch failed. The record and the Watcher have the
	// reason.
	ErrFailed = errors.New("a launch failed")
	// ErrNoResult means that no launch of a configuration worked, and that the
	// session has no result without it.
	ErrNoResult = errors.New("no launch worked")
	// ErrParity means that a graph does not train as Keras does.
	ErrParity = errors.New("the graph does not train as Keras does")
	// ErrWeights means that trained weights cannot be saved in Options.SaveWeights.
	ErrWeights = errors.New("the trained weights cannot be saved")
	// ErrGrid means that a grid has no points, or too many.
	ErrGrid = errors.New("the grid cannot be measured")
	// ErrComplete means that a record has nothing left to measure.
	ErrComplete = errors.New("the record is complete")
	// ErrResume means that a record cannot be resumed.
	ErrResume = errors.New("the record cannot be resumed")
)

// kindError is one of these errors with a text of its own.
type kindError struct {
	error
	kind error
}

func (e kindError) Is(target error) bool { return target == e.kind }
func (e kindError) Unwrap() error        { return e.error }
