// Package protocol defines the messages between a parent and its worker: a job on the
// worker's stdin, a request to stop after it, and events as lines of JSON on what was
// its stdout.
package protocol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// Version of the protocol. A worker and a parent of different versions refuse
// each other.
const Version = 3

// MaxLine is the longest line that either side accepts, in bytes with its newline.
const MaxLine = 1 << 20

// Kind says what a job asks for.
type Kind string

// The kinds of job.
const (
	Train   Kind = "train"   // measure one launch
	Parity  Kind = "parity"  // run the parity file's batches and return the losses
	Devices Kind = "devices" // send hello with every device that TensorFlow sees
	Doctor  Kind = "doctor"  // a matrix product, and the devices
	Trace   Kind = "trace"   // one step under TensorFlow's tracing

	// Examples asks for the raw examples of an epoch in a file, for workers of other
	// runtimes.
	Examples Kind = "examples"

	// Stages asks how long each transformation of a script's input pipeline takes.
	Stages Kind = "stages"

	// Monitor asks for readings of the accelerators, until the worker is asked to stop.
	Monitor Kind = "monitor"

	// Probe asks what the machine can do at most.
	Probe Kind = "probe"
)

// Job is the first line that a worker reads.
type Job struct {
	Protocol int               `json:"protocol"`
	Kind     Kind              `json:"kind"`
	Graph    string            `json:"graph,omitempty"`  // the graph's folder
	SHA256   string            `json:"sha256,omitempty"` // of the graph that the parent expects there
	Config   record.Config     `json:"config"`
	Env      map[string]string `json:"env,omitempty"` // variables that the worker's environment must have

	// SaveWeights is the file for the trained variables; empty: none.
	SaveWeights string `json:"save_weights,omitempty"`

	// Examples is the .npz file of an epoch's raw examples: of the kind train the file to
	// train on, empty where the script's own data is trained on; of the kind examples the
	// file to write.
	Examples string `json:"examples,omitempty"`

	// Every is the time between readings, in seconds, of the kind monitor.
	Every float64 `json:"every_s,omitempty"`

	// Parent is the process that started a worker, and Worker the process it
	// started. A worker behind a shell or on another machine is not that process.
	Parent int    `json:"parent,omitempty"`
	Worker int    `json:"worker,omitempty"`
	Boot   string `json:"boot,omitempty"` // identifies the parent's machine since it was started; empty: not known

	// Alive is how often, in seconds, a worker elsewhere says that it is alive.
	Alive float64 `json:"alive_s,omitempty"`
}

// Values of Event.Event.
const (
	EventHello     = "hello"
	EventAlive     = "alive"    // of a worker elsewhere, again and again
	EventWant      = "want"     // of a worker elsewhere: which files it lacks
	EventReceived  = "received" // of a worker elsewhere: it has all files
	EventLoaded    = "loaded"
	EventFirstStep = "first_step"
	EventEpoch     = "epoch"
	EventMemory    = "memory"
	EventParity    = "parity"
	EventDoctor    = "doctor"
	EventTrace     = "trace"    // several make one trace
	EventWeights   = "weights"  // the trained variables were saved
	EventExamples  = "examples" // the raw examples were saved
	EventStages    = "stages"
	EventReading   = "reading" // of the accelerators, again and again
	EventProbe     = "probe"
	EventDone      = "done"
	EventError     = "error"
)

// Event is one line that a worker writes. The field of the event's name is set.
type Event struct {
	Event     string        `json:"event"`
	Hello     *Hello        `json:"hello,omitempty"`
	Want      *Want         `json:"want,omitempty"`
	Received  *Received     `json:"received,omitempty"`
	Loaded    *Loaded       `json:"loaded,omitempty"`
	FirstStep *FirstStep    `json:"first_step,omitempty"`
	Epoch     *record.Epoch `json:"epoch,omitempty"`
	Memory    *Usage        `json:"memory,omitempty"`
	Parity    *Losses       `json:"parity,omitempty"`
	Doctor    *Health       `json:"doctor,omitempty"`
	Trace     *TracePart    `json:"trace,omitempty"`
	Weights   *Saved        `json:"weights,omitempty"`
	Examples  *Saved        `json:"examples,omitempty"`
	Stages    *Pipeline     `json:"stages,omitempty"`
	Reading   *Reading      `json:"reading,omitempty"`
	Probe     *Limits       `json:"probe,omitempty"`
	Error     *Failure      `json:"error,omitempty"`
}

// Hello is a worker's first event.
type Hello struct {
	Protocol   int             `json:"protocol"`
	Epochtime  string          `json:"epochtime"`
	TensorFlow string          `json:"tensorflow"` // empty where it does not train
	Machine    record.Machine  `json:"machine"`    // empty: the parent's
	Devices    []record.Device `json:"devices"`    // kinds devices and doctor: all that TensorFlow sees

	Build    *record.Build     `json:"build,omitempty"`    // of TensorFlow
	Versions map[string]string `json:"versions,omitempty"` // of what trains beside TensorFlow, such as keras

	// Elsewhere means that the worker may not see the parent's files: it is on another
	// machine or in a container. It awaits a request of files, and says that it is alive.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// Loaded reports that graph and data are ready.
type Loaded struct {
	Seconds  float64         `json:"load_s"`           // since hello, without Data
	Data     float64         `json:"data_s,omitempty"` // to read the data, or to make it
	Devices  []record.Device `json:"devices"`          // of the session
	Resolved record.Resolved `json:"resolved"`
	// Lacking names the variables of which the file to load has no values, so that
	// they start as in the graph: the optimizer's, and the random state of layers.
	Lacking []string `json:"lacking,omitempty"`

	Warnings []string `json:"warnings,omitempty"` // of what may not be meant in the data
}

// FirstStep reports how long the first step took, and how long the first steps of
// all distinct batch shapes took together. With resident data both are the first
// epoch.
type FirstStep struct {
	Seconds  float64  `json:"first_step_s"`
	Compile  float64  `json:"compile_s"`
	Kept     []string `json:"kept,omitempty"`     // inputs that the graph keeps; each step copies them
	Borrowed []string `json:"borrowed,omitempty"` // inputs that steps read in place
	Upload   float64  `json:"upload_s,omitempty"` // to move a resident data set to the device
	All      float64  `json:"all_s,omitempty"`    // of the first steps, with what prepares them
	Reset    float64  `json:"reset_s,omitempty"`  // to put the variables back
}

// Usage is the memory of the process and what disturbed it.
type Usage struct {
	Memory      record.Memory      `json:"memory"`
	Disturbance record.Disturbance `json:"disturbance"`
	Around      float64            `json:"around_s,omitempty"` // seconds of Keras's fit before its first epoch and after its last
}

// Saved is the file that was written.
type Saved struct {
	Path     string   `json:"path"`
	Bytes    int64    `json:"bytes"`
	Seconds  float64  `json:"seconds,omitempty"`  // to write it
	Warnings []string `json:"warnings,omitempty"` // kind examples: of what may not be meant in the data
}

// Pipeline has the transformations of an input pipeline, in its order.
type Pipeline struct {
	Stages []record.Stage `json:"stages"`
}

// Reading is what the accelerators of a machine are like, in the order of Machine.GPUs.
type Reading struct {
	GPUs       []record.GPUCondition `json:"gpus"`
	Energy     []Meter               `json:"energy"`
	Unreadable []string              `json:"unreadable,omitempty"` // what cannot be read, and why
}

// Meter is what an accelerator took since the job began.
type Meter struct {
	Source string  `json:"source"` // as in record.Energy; empty: it cannot be read
	Joules float64 `json:"joules"`
}

// Losses are those of the parity file's batches, here and in Keras.
type Losses struct {
	Got  []record.Number `json:"got"`
	Want []record.Number `json:"want"`

	Placement *trace.Placement `json:"placement,omitempty"` // of a step after them; nil: it cannot be traced
}

// Health is the result of the doctor's matrix product.
type Health struct {
	MatMulSize    int     `json:"matmul_size"`    // n of a product of two n×n matrices, float32
	MatMulSeconds float64 `json:"matmul_seconds"` // the fastest of a few
	MatMulError   float64 `json:"matmul_error"`   // largest deviation from the product computed in Go
}

// Limits are what a worker found that its machine can do at most.
type Limits struct {
	Resolved record.Resolved `json:"resolved"` // device and threads
	Rates    []record.Rate   `json:"rates"`    // each has the value of this launch, without an interval
}

// Code classifies a failure.
type Code string

// Codes of a worker's error event.
const (
	CodeJob         Code = "job"         // the worker does not accept the job
	CodeEnv         Code = "env"         // the environment lacks what the parent set
	CodeGraph       Code = "graph"       // the graph cannot be read or loaded
	CodeData        Code = "data"        // the data cannot be read, or does not fit the graph
	CodeChanged     Code = "changed"     // a data file changed during training
	CodeDevice      Code = "device"      // TensorFlow does not see the device
	CodeOOM         Code = "oom"         // out of memory (RESOURCE_EXHAUSTED)
	CodeNonfinite   Code = "nonfinite"   // a loss is not finite
	CodeInterrupted Code = "interrupted" // the parent asked it to stop, or is gone
	CodeStep        Code = "step"        // TensorFlow failed in a step
	CodeTransfer    Code = "transfer"    // the files that were sent cannot be kept
	CodeInternal    Code = "internal"    // anything else
)

// Setup reports whether every launch of the same job fails with this code, because
// the job or its environment is wrong.
func (c Code) Setup() bool {
	switch c {
	case CodeJob, CodeEnv, CodeGraph, CodeData, CodeDevice, CodeTransfer:
		return true
	}
	return false
}

// Failure is a worker's last event if it failed. It is an error.
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

// Fail returns err as a Failure. An err that is one already keeps its code. hint says
// what to do; empty: nothing.
func Fail(code Code, err error, hint string) error {
	var f *Failure
	if errors.As(err, &f) {
		return err
	}
	return &Failure{Code: code, Message: err.Error(), Hint: hint}
}

// WriteJob writes the job's line. It does not check the length: the worker waits for
// a line, and refuses one that is too long.
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

// ReadJob reads the job's line, and nothing after it. It refuses another version and
// unknown fields.
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

// NewReader returns a Reader of events from r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReader(r)} }

// Next returns the next event, or io.EOF after the last.
func (r *Reader) Next() (Event, error) {
	var e Event
	line, err := readLine(r.r)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(line, &e); err != nil || e.Event == "" {
		return e, fmt.Errorf("the worker wrote a line that is not an event: %.80q", line)
	}
	return e, nil
}

// readLine returns the next line without its newline. It returns
// io.ErrUnexpectedEOF if the last line has no newline.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > MaxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes: is the program an epochtime-worker?", MaxLine)
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
