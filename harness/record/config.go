package record

import "strings"

// Config is what was asked for. Zero Batch is the full batch, zero Samples all
// examples of the data, zero IntraOp and InterOp TensorFlow's own choice. A nil
// Shuffle leaves it to the graph until the configuration is resolved.
type Config struct {
	Batch       int               `json:"batch"`
	Samples     int               `json:"samples"`
	Epochs      int               `json:"epochs"`        // measured epochs
	For         float64           `json:"for,omitempty"` // seconds for which epochs are measured, whose number then is not set; 0: Epochs says how many
	Warmup      int               `json:"warmup"`        // epochs before them, not measured; of a cold launch the first epoch
	Device      string            `json:"device"`
	Seed        uint64            `json:"seed"`
	Data        []string          `json:"data"`
	Inputs      map[string]string `json:"input,omitempty"`      // tensor: the column or array of the data that feeds it
	Take        int               `json:"take,omitempty"`       // examples drawn at random from the data; 0 is all, in order
	Header      string            `json:"header,omitempty"`     // what the first line of a table of text is: first or none
	Tokens      string            `json:"tokens,omitempty"`     // what a text is cut into: words, chars or bytes
	Window      int               `json:"window,omitempty"`     // tokens an example of a text has; 0 is the graph's length
	ImageSize   string            `json:"image_size,omitempty"` // to which images are resized, as in 224x224
	Shuffle     *bool             `json:"shuffle"`              // a new order of the examples for every epoch
	Preprocess  []string          `json:"preprocess"`           // beside the graph's own
	PadTo       int               `json:"pad_to"`               // sequences are padded to a multiple of this
	Prefetch    int               `json:"prefetch"`             // batches prepared ahead of the loop
	FeedThreads int               `json:"feed_threads"`         // goroutines that prepare them
	Feed        string            `json:"feed"`                 // FeedBatches or FeedResident
	Fetch       string            `json:"fetch,omitempty"`      // FetchLast, or empty for the loss of every step
	Pipeline    string            `json:"pipeline,omitempty"`   // PipelineMemory, or empty for the script's own
	Validation  string            `json:"validation,omitempty"` // None, or empty for the script's own
	Callbacks   string            `json:"callbacks,omitempty"`  // likewise, of Keras's fit
	Metrics     string            `json:"metrics,omitempty"`    // likewise
	Step        string            `json:"step,omitempty"`       // None: batches are drawn, and nothing is trained
	Compile     string            `json:"compile,omitempty"`    // On, Off, or empty for jit_compile as the script has it
	Cold        bool              `json:"cold,omitempty"`       // first steps are inside the first epoch
	PerCall     int               `json:"steps_per_execution,omitempty"`
	Runtime     string            `json:"runtime,omitempty"` // what trains: empty is the graph, from Go
	Executor    string            `json:"executor"`          // ThreadPool, SingleThreaded, CallerThread, or empty for what fits the step
	IntraOp     int               `json:"intra_op"`
	InterOp     int               `json:"inter_op"`
	Env         map[string]string `json:"env"`
	Worker      []string          `json:"worker,omitempty"`       // the worker's command; empty is the program beside this one
	Timeout     float64           `json:"timeout,omitempty"`      // seconds that a launch may take; 0 follows from earlier launches
	LoadWeights string            `json:"load_weights,omitempty"` // file of the weights that training starts from; empty is the graph's own
	MemoryLimit uint64            `json:"memory_limit,omitempty"` // bytes that a worker may take; 0 is no limit

	GPUMemoryLimit uint64 `json:"gpu_memory_limit,omitempty"` // bytes that TensorFlow may take of a GPU; 0 is no limit
}

// What Config.Feed may hold.
const (
	FeedBatches  = "batches"  // each step is fed its batch
	FeedResident = "resident" // the data set stays on the device, and an epoch is one call
)

// What Config.Fetch may hold beside nothing.
const (
	FetchEvery = "every" // a step ends once its loss is on the host
	FetchLast  = "last"  // losses stay on the device until the epoch ends
)

// What Config.Pipeline, and the parts of a script's fit, may hold beside nothing.
const (
	PipelineScript = "script" // the pipeline of the script runs inside the epoch
	PipelineMemory = "memory" // the batches of one pass are drawn before the clock starts
	PartScript     = "script" // Validation, Callbacks, Metrics and Step: as the script has it
	PartNone       = "none"   // it is left out

	// StepStamped is Config.Step where each step is timed inside the graph: what else its
	// call takes is Epoch.Wait.
	StepStamped = "stamped"
)

// What Config.Compile may hold beside nothing.
const (
	CompileOn  = "on"
	CompileOff = "off"
)

// Shuffles reports whether the examples get a new order for every epoch.
func (c Config) Shuffles() bool { return c.Shuffle != nil && *c.Shuffle }

// Timed reports whether epochs are measured for a time, and not for a number of them.
func (c Config) Timed() bool { return c.For > 0 }

// Enough reports whether so many measured epochs, of which the first began so many
// seconds before the last ended, are what the configuration asks for.
func (c Config) Enough(epochs int, seconds float64) bool {
	if c.Timed() {
		return epochs > 0 && seconds >= c.For
	}
	return epochs >= c.Epochs
}

// OnGPU reports whether the device is a GPU.
func (c Config) OnGPU() bool { return strings.HasPrefix(c.Device, "gpu") }

// LossAtEnd reports whether the loss is read at the end of an epoch, and not at each step.
func (c Config) LossAtEnd() bool { return c.Fetch == FetchLast }

// Resident reports whether the data set stays on the device.
func (c Config) Resident() bool { return c.Feed == FeedResident }
