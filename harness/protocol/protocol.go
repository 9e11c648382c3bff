// Package protocol is what the parent and a worker say to each other: one job
// on the worker's stdin, events as JSON lines on what was its stdout.
package protocol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"epochtime/harness/record"
)

// Version of the protocol. A worker and a parent of different versions refuse
// each other.
const Version = 1

// MaxLine is the longest line either side accepts, newline and all, in bytes.
const MaxLine = 1 << 20

// Kind is what a job asks for.
type Kind string

// The kinds of job.
const (
	Train   Kind = "train"   // measure one launch
	Parity  Kind = "parity"  // run the parity file's batches and return the losses
	Devices Kind = "devices" // say hello, listing every device the build sees
	Doctor  Kind = "doctor"  // a matrix product, and the devices
	Trace   Kind = "trace"   // one step under TensorFlow's tracing
)

// Job is the one line a worker reads.
type Job struct {
	Protocol int               `json:"protocol"`
	Kind     Kind              `json:"kind"`
	Graph    string            `json:"graph,omitempty"`  // the graph's folder
	SHA256   string            `json:"sha256,omitempty"` // the graph the parent expects there
	Config   record.Config     `json:"config"`
	Env      map[string]string `json:"env,omitempty"` // what the worker's environment must hold

	// SaveWeights is the file for the trained variables; empty: none is written.
	SaveWeights string `json:"save_weights,omitempty"`
	// LoadWeights is the file of the variables that training starts from; empty: the
	// graph's own.
	LoadWeights string `json:"load_weights,omitempty"`
}

// What Event.Event may hold. A reader ignores any other.
const (
	EventHello     = "hello"
	EventLoaded    = "loaded"
	EventFirstStep = "first_step"
	EventEpoch     = "epoch"
	EventMemory    = "memory"
	EventParity    = "parity"
	EventDoctor    = "doctor"
	EventTrace     = "trace"   // several, which make one trace
	EventWeights   = "weights" // the trained variables are saved
	EventDone      = "done"
	EventError     = "error"
)

// Event is one line a worker writes. The field named like the event is set.
type Event struct {
	Event     string        `json:"event"`
	Hello     *Hello        `json:"hello,omitempty"`
	Loaded    *Loaded       `json:"loaded,omitempty"`
	FirstStep *FirstStep    `json:"first_step,omitempty"`
	Epoch     *record.Epoch `json:"epoch,omitempty"`
	Memory    *Usage        `json:"memory,omitempty"`
	Parity    *Losses       `json:"parity,omitempty"`
	Doctor    *Health       `json:"doctor,omitempty"`
	Trace     *TracePart    `json:"trace,omitempty"`
	Weights   *Saved        `json:"weights,omitempty"`
	Error     *Failure      `json:"error,omitempty"`
}

// Hello is a worker's first event.
type Hello struct {
	Protocol   int             `json:"protocol"`
	Epochtime  string          `json:"epochtime"`
	TensorFlow string          `json:"tensorflow"`
	Machine    record.Machine  `json:"machine"`
	Devices    []record.Device `json:"devices"` // kinds devices and doctor: all that the build sees
}

// Loaded says that graph and data are ready.
type Loaded struct {
	Seconds  float64         `json:"load_s"`
	Data     float64         `json:"data_s,omitempty"` // reading the data, or making it
	Devices  []record.Device `json:"devices"`          // of the session
	Resolved record.Resolved `json:"resolved"`
	// Lacking names the variables of which the file to load has no values, so that
	// they start as in the graph: the optimizer's, and the random state of layers.
	Lacking []string `json:"lacking,omitempty"`
}

// FirstStep says how long the first step took, and the first steps of every
// distinct batch shape together. With resident data both are the first epoch.
type FirstStep struct {
	Seconds  float64  `json:"first_step_s"`
	Compile  float64  `json:"compile_s"`
	Kept     []string `json:"kept,omitempty"`     // inputs that the graph keeps, so that each step copies them
	Borrowed []string `json:"borrowed,omitempty"` // inputs that steps read where the data lies
	Upload   float64  `json:"upload_s,omitempty"` // of a resident data set
}

// Usage is the process's memory and what disturbed it.
type Usage struct {
	Memory      record.Memory      `json:"memory"`
	Disturbance record.Disturbance `json:"disturbance"`
}

// Saved is the file that the trained variables were written to.
type Saved struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// Losses are what the parity file's batches gave here and in Keras.
type Losses struct {
	Got  []record.Number `json:"got"`
	Want []record.Number `json:"want"`
}

// Health is what the doctor's matrix product found.
type Health struct {
	MatMulSize    int     `json:"matmul_size"`    // n of an n×n by n×n product, float32
	MatMulSeconds float64 `json:"matmul_seconds"` // the fastest of a few
	MatMulError   float64 `json:"matmul_error"`   // largest deviation from the product computed in Go
}

// Code classifies a failure.
type Code string

// The codes a worker's error event carries.
const (
	CodeJob         Code = "job"         // the job is not one this worker takes
	CodeEnv         Code = "env"         // the environment is not what the parent set
	CodeGraph       Code = "graph"       // the graph cannot be read or loaded
	CodeData        Code = "data"        // the data cannot be read, or does not fit the graph
	CodeChanged     Code = "changed"     // a data file became another while it was trained on
	CodeDevice      Code = "device"      // this build does not see the device asked for
	CodeOOM         Code = "oom"         // out of memory (RESOURCE_EXHAUSTED)
	CodeNonfinite   Code = "nonfinite"   // a loss is not finite
	CodeInterrupted Code = "interrupted" // stdin ended before the work did
	CodeStep        Code = "step"        // TensorFlow failed in a step
	CodeInternal    Code = "internal"    // anything else
)

// Setup tells whether a failure of this code comes back at every launch of the
// same job, because it lies in what was asked for.
func (c Code) Setup() bool {
	switch c {
	case CodeJob, CodeEnv, CodeGraph, CodeData, CodeDevice:
		return true
	}
	return false
}

// Failure is a worker's last word. It is an error.
type Failure struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do
}

func (f *Failure) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + ": " + f.Hint
}

// Fail makes an error of a code and a message; hint, if any, says what to do.
func Fail(code Code, err error, hint string) error {
	var f *Failure
	if errors.As(err, &f) {
		return err
	}
	return &Failure{Code: code, Message: err.Error(), Hint: hint}
}

// WriteJob writes the job's line. One that is too long is left to the worker to
// refuse: it waits for a line.
func WriteJob(w io.Writer, j Job) error {
	j.Protocol = Version
	line, err := json.Marshal(j)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing a job: %w", err)
	}
	return nil
}

// ReadJob reads the job's line. It refuses another version and any field it
// does not know. r is read no further than the line.
func ReadJob(r *bufio.Reader) (Job, error) {
	var j Job
	line, err := readLine(r)
	if err != nil {
		return j, fmt.Errorf("reading the job: %w", err)
	}
	var v struct {
		Protocol int `json:"protocol"`
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return j, fmt.Errorf("reading the job: %w", err)
	}
	if v.Protocol != Version {
		return j, fmt.Errorf("the parent speaks protocol %d and this worker %d: use programs of one build", v.Protocol, Version)
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return j, fmt.Errorf("reading the job: %w", err)
	}
	return j, nil
}

// Reader reads a worker's events.
type Reader struct{ r *bufio.Reader }

// NewReader reads events from r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReader(r)} }

// Next returns the next event, or io.EOF after the last.
func (r *Reader) Next() (Event, error) {
	var e Event
	line, err := readLine(r.r)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(line, &e); err != nil || e.Event == "" {
		return e, fmt.Errorf("the worker wrote something that is not an event: %.80q", line)
	}
	return e, nil
}

// readLine returns the next line without its newline. A last line that has no
// newline is cut short: io.ErrUnexpectedEOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > MaxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes: is that an epochtime-worker?", MaxLine)
		}
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
