package graph

import "fmt"

// Script says which part of a script a graph is: one of its calls that train, in the
// order in which they are made.
type Script struct {
	File      string   `json:"file"`                // as it was named: train.py, -m package.module, note.ipynb
	Arguments []string `json:"arguments,omitempty"` // that it was run with
	Call      string   `json:"call"`                // fit, train_on_batch or step
	Line      int      `json:"line"`                // of the call; in a notebook, of its cells one after another
	Phase     int      `json:"phase"`               // counted from 1
	Phases    int      `json:"phases"`              // of the script
}

// Phases returns how many phases the script of a graph has. A graph that is of no
// script is the only one of its model.
func (m *Manifest) Phases() int {
	if m == nil || m.Script == nil {
		return 1
	}
	return m.Script.Phases
}

// Place returns the call of a phase and its line, such as "fit at line 41".
func (s *Script) Place() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s at line %d", s.Call, s.Line)
}

// Notice says what of a person's own training is not in the time, or is there in
// another way.
type Notice struct {
	About string `json:"about"` // one word: the argument or setting, such as callbacks
	Text  string `json:"text"`  // one sentence
}

// Process is what a script sets for its whole process, which each launch repeats
// unless it is told otherwise.
type Process struct {
	IntraOp int               `json:"intra_op,omitempty"` // threads; 0 is TensorFlow's choice
	InterOp int               `json:"inter_op,omitempty"`
	Env     map[string]string `json:"env,omitempty"` // variables that steer TensorFlow
}

// Pipeline is a tf.data pipeline inside the SavedModel. Its three signatures take
// the Arrays and keep the pipeline, begin a pass, and return the next batch.
type Pipeline struct {
	File   string  `json:"file,omitempty"` // in the graph's folder: the arrays, one after another
	SHA256 string  `json:"sha256,omitempty"`
	Arrays []Array `json:"arrays,omitempty"`

	Make   string `json:"make"`   // key of the signature that keeps the pipeline
	Rewind string `json:"rewind"` // that begins a pass
	Next   string `json:"next"`   // that returns a batch: an output for each of Components

	Components []string `json:"components"` // tensors of a batch, named as the inputs of the step that takes them

	// Steps is how many batches an epoch takes. The pass then goes on in the next
	// epoch, and a new one begins only where it ends. 0 is a new pass for each epoch,
	// to its end.
	Steps int `json:"steps_per_epoch,omitempty"`
	// Length is how many batches a pass has, where TensorFlow knows it without drawing
	// them: no epoch then asks for one behind the last, as in Keras. 0 is not known.
	Length  int     `json:"length,omitempty"`
	Batches Batches `json:"batches"`
	Fixed   bool    `json:"fixed,omitempty"`  // every pass has the same batches in the same order
	Losses  []Loss  `json:"losses,omitempty"` // Keras's on the first batches, where the pipeline is fixed
	Files   []File  `json:"files,omitempty"`  // that the pipeline reads, as they were at the export
}

// Loss is a step's loss, a finite number.
type Loss = float64

// Array is an array of numbers in a pipeline's file.
type Array struct {
	Name   string  `json:"name"` // the input of the signature Make
	DType  DType   `json:"dtype"`
	Shape  []int64 `json:"shape"`
	Offset int64   `json:"offset"` // in the file, a multiple of 64
	Bytes  int64   `json:"bytes"`
}

// Batches are those of one epoch, as far as they were drawn at the export.
type Batches struct {
	Steps    int          `json:"steps"`           // drawn
	Examples int          `json:"examples"`        // in them
	Whole    bool         `json:"whole,omitempty"` // they are a whole epoch
	Shapes   []BatchShape `json:"shapes"`          // distinct ones, in the order in which they came
}

// BatchShape is the shape of each of a batch's components.
type BatchShape struct {
	Steps      int                `json:"steps"` // drawn, of this shape
	Components map[string][]int64 `json:"components"`
}

// File is a file that a pipeline reads, with what shows that it has changed.
type File struct {
	Path     string `json:"path"`
	Bytes    int64  `json:"bytes"`
	Modified string `json:"modified"` // RFC 3339, with nanoseconds
}

// Validation is what follows the training of an epoch: a pass over a pipeline of its
// own, and the metrics of it.
type Validation struct {
	Pipeline
	Evaluate string         `json:"evaluate"`        // key of the signature that takes a batch: output examples
	Values   []MetricOutput `json:"values"`          // of the signature metrics
	Every    []int          `json:"every,omitempty"` // epochs, from 1, after which it runs; one number: each n-th; empty: all
}
