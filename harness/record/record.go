// Package record defines what a measurement is: runs made of launches made of
// epochs, the machines they ran on, and the JSON form of all of it. Durations are
// seconds from a monotonic clock, sizes are bytes.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"
)

// Schema is the version of the JSON form.
const Schema = 1

// Record is everything one session measured.
type Record struct {
	Schema    int               `json:"schema"`
	Epochtime string            `json:"epochtime"` // version of the program
	ID        string            `json:"id"`        // of the session, random
	Started   time.Time         `json:"started"`
	Argv      []string          `json:"argv"`
	Labels    map[string]string `json:"labels"`
	Status    string            `json:"status"` // Complete or Incomplete
	Plan      Plan              `json:"plan"`
	Machines  []Machine         `json:"machines"`
	Runs      []Run             `json:"runs"`
	Bills     []Bill            `json:"bills,omitempty"`  // of KindExplain, computed from the runs
	Limits    []Limits          `json:"limits,omitempty"` // of the machines, where a probe has found them
	Idle      []Power           `json:"idle,omitempty"`   // power while nothing was measured
	Spent     *Spent            `json:"spent,omitempty"`  // where the session's time went

	// Estimate is of KindEstimate: what was asked, and the answer, computed from the runs.
	Estimate *Estimate `json:"estimate,omitempty"`
}

// What Record.Status may hold.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
)

// Plan says how launches were ordered: Blocks seeded random blocks, each with
// every configuration once. It ends early after MaxTime seconds, or when the
// interval of every run is within Until of its median; 0 is no such end.
// Threshold is the change that matters to a verdict. For KindTune, Blocks is the
// most launches a side that confirm the winner.
type Plan struct {
	Kind   string `json:"kind"`
	Seed   uint64 `json:"seed"`
	Blocks int    `json:"blocks"`

	MaxTime   float64 `json:"max_time_s,omitempty"`
	Until     float64 `json:"until,omitempty"`
	Threshold float64 `json:"threshold,omitempty"`
	Suite     string  `json:"suite,omitempty"` // the named set of graphs that was asked for
	Most      int     `json:"most,omitempty"`  // of KindLargest, the largest batch that may be tried

	LeftOut []string `json:"left_out,omitempty"` // of KindFactors: what could not be varied, and why
}

// What Plan.Kind may hold.
const (
	KindRun   = "run"   // each configuration for itself
	KindAB    = "ab"    // two sides compared
	KindSweep = "sweep" // a grid of settings
	KindTune  = "tune"  // a search for the fastest settings

	KindExplain  = "explain"  // what an epoch of Keras's fit is made of
	KindEstimate = "estimate" // what an epoch would take, from short probes

	KindProbe   = "probe"         // what the machine can do at most: the runs train nothing
	KindLargest = "largest-batch" // a search for the largest batch that trains; a run for each that was tried
	KindFactors = "factors"       // a default, and what one change each makes of it
)

// Run is one configuration of one graph and all its launches. Side is "A" or "B"
// where two sides are compared, else empty.
type Run struct {
	Side     string   `json:"side"`
	Graph    Graph    `json:"graph"`
	Config   Config   `json:"config"`
	Command  []string `json:"command,omitempty"` // the words after "epochtime" that measure this run alone, or the search or probes that it is one of
	Parity   *Parity  `json:"parity"`            // nil where it was not checked
	Launches []Launch `json:"launches"`
	Summary  *Summary `json:"summary"` // nil while no launch is ok
	Warnings []string `json:"warnings"`
	Inside   *Inside  `json:"inside,omitempty"` // what single launches showed of its steps

	Roofline *Roofline `json:"roofline,omitempty"` // nil where no probe has found the machine's limits

	Factor   *Factor   `json:"factor,omitempty"`   // of KindFactors: what it changes of the first run; nil: it is that
	Settings *Settings `json:"settings,omitempty"` // which of the known settings it has; nil: nobody asked
}

// Inside is what launches of their own, which are not timed, show of the steps of a run.
type Inside struct {
	Operations []Operation `json:"operations,omitempty"`
	Idle       float64     `json:"idle,omitempty"` // share of a traced step in which the device computed nothing
	Stages     []Stage     `json:"stages,omitempty"`
}

// Title returns the graph's name, with "resident" where its data stays on the
// device.
func (r Run) Title() string {
	if r.Config.Resident() {
		return r.Graph.Name + ", resident"
	}
	return r.Graph.Name
}

// Parity is the check that the graph trains as Keras does. It is done in a
// launch of its own, and may have been done before this session.
type Parity struct {
	MaxRelativeDifference float64   `json:"max_relative_difference"`
	Tolerance             float64   `json:"tolerance"`
	Checked               time.Time `json:"checked"`
}

// Graph identifies what was trained.
type Graph struct {
	Name            string         `json:"name"`
	SHA256          string         `json:"sha256"`
	Dir             string         `json:"dir,omitempty"` // its folder, where it was measured
	Architecture    string         `json:"architecture"`
	Parameters      int64          `json:"parameters"`
	FlopsPerExample float64        `json:"flops_per_example"`
	Variant         map[string]any `json:"variant"`
	Script          *Script        `json:"script,omitempty"`  // nil: the model is no script's
	Notices         []Notice       `json:"notices,omitempty"` // what of the person's own training is not in the time
}

// What Launch.Status may hold.
const (
	OK          = "ok"
	Error       = "error"
	OOM         = "oom"
	Killed      = "killed"
	Timeout     = "timeout"
	Nonfinite   = "nonfinite"
	Interrupted = "interrupted"
)

// Launch is one process that trained one configuration from the start.
type Launch struct {
	Status      string      `json:"status"`
	Reason      string      `json:"reason"`
	ExitCode    int         `json:"exit_code"`
	Signal      string      `json:"signal"`
	Setup       bool        `json:"setup"`   // it failed in a way that every launch of this configuration would
	Wall        float64     `json:"wall_s"`  // from the process's start to its end
	Limit       float64     `json:"limit_s"` // seconds that it might take; 0 where that is not known
	Machine     int         `json:"machine"` // index into Record.Machines
	Order       int         `json:"order"`   // position among all launches, from 0
	Block       int         `json:"block"`
	Started     time.Time   `json:"started"`
	Worker      []string    `json:"worker"`
	TensorFlow  string      `json:"tensorflow"` // its version; empty where it did not train
	Devices     []Device    `json:"devices"`
	Resolved    Resolved    `json:"resolved"`
	Cold        Cold        `json:"cold"`
	Epochs      []Epoch     `json:"epochs"`
	Memory      Memory      `json:"memory"`
	Disturbance Disturbance `json:"disturbance"`

	// EpochsDone is how many measured epochs there were, where Epochs has only some of
	// them, evenly spread; 0: it has all.
	EpochsDone int `json:"epochs_done,omitempty"`

	// Versions are those of what trained beside TensorFlow: Keras, Python, JAX, PyTorch.
	Versions map[string]string `json:"versions,omitempty"`

	Warnings []string `json:"warnings,omitempty"` // of what may not be meant in its data

	Around float64 `json:"around_s,omitempty"` // of Keras's fit, before its first epoch and after its last
	Saving float64 `json:"saving_s,omitempty"` // of the trained weights
	Ending float64 `json:"ending_s,omitempty"` // of the process, after it has told everything

	Build      *Build      `json:"build,omitempty"`      // of TensorFlow; nil where the worker does not tell
	Before     *Conditions `json:"before,omitempty"`     // of the machine, as the launch began
	After      *Conditions `json:"after,omitempty"`      // as it ended
	Readings   []Reading   `json:"readings,omitempty"`   // of the machine, at intervals while it ran
	Energy     []Energy    `json:"energy,omitempty"`     // that its measured epochs took, by domain
	Unreadable []string    `json:"unreadable,omitempty"` // what of the machine cannot be read here, and why

	Rates   []Rate  `json:"rates,omitempty"`     // of KindProbe, what this launch found of the machine's limits
	Probing float64 `json:"probing_s,omitempty"` // what finding them took, from the worker's hello
}

// Device is one that TensorFlow offered to the launch's session.
type Device struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	MemoryBytes int64  `json:"memory_bytes"` // TensorFlow's limit
}

// Resolved is what a launch really used where the configuration left it open.
type Resolved struct {
	Device   string            `json:"device"`
	Batch    int               `json:"batch"`
	Samples  int               `json:"samples"`  // an epoch; of the first, where they may differ
	Steps    int               `json:"steps"`    // likewise
	Prefetch int               `json:"prefetch"` // 0 where that cannot pay
	IntraOp  int               `json:"intra_op"`
	InterOp  int               `json:"inter_op"`
	JIT      bool              `json:"jit"`
	Executor string            `json:"executor,omitempty"` // ThreadPool, SingleThreaded or CallerThread; empty: the runtime has none
	Copied   []string          `json:"copied"`             // inputs that the graph keeps, so that each step copies them
	Borrowed []string          `json:"borrowed"`           // inputs that steps read where the data lies, without a copy
	Env      map[string]string `json:"env"`                // variables that steer TensorFlow, as the worker found them

	// Pipeline is where batches come from: the script's pipeline, its batches in
	// memory, or examples that the worker cuts into batches.
	Pipeline string `json:"pipeline,omitempty"` // PipelineScript, PipelineMemory or empty
}

// Cold is what happens once, before the first epoch. FirstStep is the first
// step; Compile is the first step of every distinct batch shape, summed. With
// resident data both are the first epoch, and Upload is what it took to bring the
// prepared data set to the device.
type Cold struct {
	Start     float64 `json:"start_s"`          // process start to hello
	Data      float64 `json:"data_s,omitempty"` // reading the data, or making it
	Load      float64 `json:"load_s"`
	FirstStep float64 `json:"first_step_s"`
	Compile   float64 `json:"compile_s"`
	Upload    float64 `json:"upload_s"` // 0 where batches are fed

	First float64 `json:"first_steps_s,omitempty"` // Compile, with what prepares those steps
	Reset float64 `json:"reset_s,omitempty"`       // to put the variables back
}

// FirstSteps returns the seconds of the first step of every distinct batch shape, with
// what prepares them where that is known.
func (c Cold) FirstSteps() float64 {
	if c.First > 0 {
		return c.First
	}
	return max(c.Compile, c.FirstStep) + c.Upload
}

// Seconds returns the seconds from the start of a process to its first epoch, of which a
// cold launch has the first steps in that epoch.
func (c Cold) Seconds() float64 { return c.Start + c.Data + c.Load + c.FirstSteps() + c.Reset }

// Epoch is one pass over all examples. Seconds = Wait + Step + Callbacks + Other: Wait
// is how long the loop stood still for its next batch, Step the time inside the C API
// call, Other the harness itself. In Keras's fit, Step is the time inside the train
// function, which under TensorFlow takes its batches itself, and Other is fit's own.
// Preprocess is the work done preparing
// batches, summed over goroutines.
type Epoch struct {
	Index      int     `json:"index"`
	Warmup     bool    `json:"warmup"`
	Start      float64 `json:"start_s"` // since the launch's clock began
	Seconds    float64 `json:"seconds"`
	Wait       float64 `json:"wait_s"`
	Step       float64 `json:"step_s"`
	Callbacks  float64 `json:"callbacks_s,omitempty"` // of Keras's fit, its progress bar too
	Other      float64 `json:"other_s"`
	Preprocess float64 `json:"preprocess_s"`
	Steps      int     `json:"steps"`
	Samples    int     `json:"samples"`
	Loss       Number  `json:"loss"` // mean of the step losses, weighted by examples

	// NewShapes is how many batch shapes a stream or pipeline brought that no step had
	// before. The epoch's time includes their first steps.
	NewShapes int `json:"new_shapes,omitempty"`

	// Validation follows training, and is not in Seconds.
	Validation        float64           `json:"validation_s,omitempty"`
	ValidationSteps   int               `json:"validation_steps,omitempty"`
	ValidationSamples int               `json:"validation_samples,omitempty"`
	Metrics           map[string]Number `json:"metrics,omitempty"`   // by Keras's names, val_… after validation
	RSS               uint64            `json:"rss_bytes,omitempty"` // resident memory after the epoch
}

// Memory is the worker process's own.
type Memory struct {
	PeakRSS uint64         `json:"peak_rss_bytes"`
	Mapped  uint64         `json:"mapped_bytes,omitempty"` // of files, in the resident size at the end; a memory limit does not count them
	Devices []DeviceMemory `json:"devices,omitempty"`      // of accelerators
}

// DeviceMemory is memory of an accelerator, in bytes; 0 is not known. Peak is what
// TensorFlow's allocator held at most, in a traced launch of its own. Reserved is what
// the process took from the driver, which is more.
type DeviceMemory struct {
	Device   string `json:"device"`
	Peak     uint64 `json:"peak_bytes,omitempty"`
	Reserved uint64 `json:"reserved_bytes,omitempty"`
}

// Disturbance counts what others took from the launch while it measured.
type Disturbance struct {
	Steal               float64 `json:"steal_s"` // CPU time the hypervisor gave away, all cores
	InvoluntarySwitches int64   `json:"involuntary_switches"`
}

// Number is a float64 whose JSON form is null where it is not finite.
type Number float64

// MarshalJSON writes null for NaN and the infinities.
func (n Number) MarshalJSON() ([]byte, error) {
	if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads null as NaN.
func (n *Number) UnmarshalJSON(text []byte) error {
	if n == nil {
		return errors.New("reading a number: there is no place for it")
	}
	if string(text) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// Write writes the record as indented JSON and a final newline. Lists and maps
// that are nil become empty ones, and switches off, so that a program that reads them
// meets no null.
func (r *Record) Write(w io.Writer) error {
	if r == nil || w == nil {
		return errors.New("writing a record: the record or the writer is missing")
	}
	fillNil(reflect.ValueOf(r))
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

func fillNil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if flag := reflect.TypeFor[*bool](); v.IsNil() && v.Type() == flag {
			v.Set(reflect.New(flag.Elem()))
		}
		if !v.IsNil() {
			fillNil(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillNil(v.Field(i))
			}
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillNil(v.Index(i))
		}
	}
}

// Read reads one record. It fails on a schema it does not know, and on what
// Validate refuses.
func Read(r io.Reader) (*Record, error) {
	if r == nil {
		return nil, errors.New("reading a record: there is no reader")
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("reading a record: it is not whole, valid JSON: %w", err)
	}
	switch version.Schema {
	case Schema:
	case 0:
		return nil, errors.New("reading a record: it names no schema: it is not a record of epochtime")
	default:
		return nil, fmt.Errorf("reading a record: its schema is %d, this program reads %d: read it with the epochtime that wrote it", version.Schema, Schema)
	}
	out := new(Record)
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	if err := out.Validate(); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	return out, nil
}
