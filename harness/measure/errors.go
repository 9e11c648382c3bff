package measure

import "errors"

// Errors of a session. Test with errors.Is.
var (
	// ErrNothing: no configuration, graph or launcher is given to measure.
	ErrNothing = errors.New("there is nothing to measure: no graph is given")
	// ErrFailed: a launch failed that should not have. The record and the watcher
	// have the reason.
	ErrFailed = errors.New("a launch failed")
	// ErrSide: no launch of a configuration worked, and nothing can be said
	// without it.
	ErrSide = errors.New("no launch worked")
	// ErrParity: a graph does not train as Keras does.
	ErrParity = errors.New("the graph does not train as Keras does")
	// ErrWeights: trained weights cannot be saved where they were asked to be.
	ErrWeights = errors.New("the trained weights cannot be saved")
	// ErrGrid: a grid has no points, or too many.
	ErrGrid = errors.New("the grid cannot be measured")
	// ErrComplete: a record has nothing left to measure.
	ErrComplete = errors.New("the record is complete")
	// ErrResume: a record cannot be resumed.
	ErrResume = errors.New("the record cannot be resumed")
)

// kindError is an error of one of these kinds that says it in its own words.
type kindError struct {
	error
	kind error
}

func (e kindError) Is(target error) bool { return target == e.kind }
func (e kindError) Unwrap() error        { return e.error }
