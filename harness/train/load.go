package train

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"epochtime/harness/graph"
)

// LoadWeights gives the variables the values in a file that SaveWeights, or
// Keras's model.save_weights, has written of the same model. One of SaveWeights has
// all of them: the model's, the optimizer's with its count of steps, and the random
// state of layers. Training then goes on as if it had not been interrupted; for a
// shuffled order see Info.NextEpoch. Only tf.random operations, whose state
// no variable holds, go on from another one.
//
// Keras saves no random state, and an optimizer only of a compiled model. What the
// file lacks of these stays as it is, and is returned by its names. A file that
// cannot be read, or is of another model, changes nothing: the error is
// graph.ErrStored, or graph.ErrNoWeights for a graph whose variables have no place
// in such a file.
//
// FirstSteps leaves the loaded values as they are. Reset puts back those of the
// export.
func (t *Trainer) LoadWeights(path string) (lacking []string, err error) {
	if err := t.enter(); err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	if path == "" {
		return nil, fmt.Errorf("%w: the path is empty: %w", graph.ErrStored, fs.ErrInvalid)
	}
	w, err := t.manifest.OpenWeights()
	if err != nil {
		return nil, err
	}
	stored, err := w.Stored(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stored.Close()) }()
	err = t.session.Assign(stored.Variables, func(i int, value []byte) error { return stored.Read(stored.Variables[i], value) })
	if err != nil {
		return nil, fmt.Errorf("loading the weights in %s: %w", path, err)
	}
	t.loaded = w.Variables
	for _, v := range stored.Lacking {
		lacking = append(lacking, v.Path)
	}
	return lacking, nil
}

// snapshot is the variables at one moment, in memory; of none before weights are
// loaded, since the start is in the graph's folder.
type snapshot struct {
	variables []graph.Variable
	values    [][]byte
	next      int64
}

// keep takes a snapshot, to which the first steps return.
func (t *Trainer) keep() (snapshot, error) {
	s := snapshot{variables: t.loaded, next: t.next.Load()}
	for _, v := range t.loaded {
		value, err := t.session.Variable(v)
		if err != nil {
			return snapshot{}, err
		}
		s.values = append(s.values, value)
	}
	return s, nil
}

// returnTo puts everything back to the start, and the variables of a snapshot to
// their values then.
func (t *Trainer) returnTo(s snapshot) error {
	begin := time.Now()
	defer func() { t.returned = time.Since(begin) }()
	if err := t.reset(); err != nil || s.variables == nil {
		return err
	}
	t.next.Store(s.next)
	t.loaded = s.variables
	return t.session.Assign(s.variables, func(i int, value []byte) error {
		if copy(value, s.values[i]) != len(s.values[i]) {
			return fmt.Errorf("%w: %s has another size now", graph.ErrDamaged, s.variables[i].Path)
		}
		return nil
	})
}
