package record

import "time"

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

	Transfer float64 `json:"transfer_s,omitempty"` // until the files were on the machine of a worker elsewhere, most of them from earlier
	Sent     int64   `json:"sent_bytes,omitempty"` // of the files that were sent there
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
