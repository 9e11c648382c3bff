// Package graph reads, checks and lists exported training graphs: folders that
// hold a SavedModel and its manifest graph.json (docs/graph-format.md).
package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Format is the version of the manifest that this package reads.
const Format = 1

// ManifestName is the file that makes a folder a graph.
const ManifestName = "graph.json"

// Errors that say what is wrong with a graph folder. Test with errors.Is.
var (
	// ErrNoManifest: the folder holds no graph.json. It is an fs.ErrNotExist too.
	ErrNoManifest error = missing("no " + ManifestName)
	// ErrFormat: the manifest is of a format this program does not read.
	ErrFormat = errors.New("unknown format")
	// ErrDamaged: a file is missing, cut short or changed since the export.
	ErrDamaged = errors.New("damaged graph")
)

// missing is an error that is an fs.ErrNotExist and says nothing of it.
type missing string

func (m missing) Error() string { return string(m) }

func (missing) Is(target error) bool { return target == fs.ErrNotExist }

// errNil is what the methods of a nil Manifest return.
var errNil = errors.New("the graph's manifest is nil")

// Manifest is graph.json, format 1. docs/graph-format.md defines each field.
type Manifest struct {
	Format     int                  `json:"format"`
	Name       string               `json:"name"`
	SHA256     string               `json:"sha256"`
	Model      Model                `json:"model"`
	Variant    Variant              `json:"variant"`
	Inputs     []Tensor             `json:"inputs"`
	Targets    []Tensor             `json:"targets"`
	Signatures map[string]Signature `json:"signatures"`
	Reset      Reset                `json:"reset"`
	Preprocess []Preprocess         `json:"preprocess"`
	Data       Data                 `json:"data"`
	Settings   Settings             `json:"settings"`
	Parity     Parity               `json:"parity"`
	Missing    map[string]string    `json:"missing,omitempty"` // why it has no evaluate or predict signature
	Weights    *Weights             `json:"weights,omitempty"` // nil: Keras cannot save them, or an older export
	MadeWith   map[string]string    `json:"made_with"`

	Script     *Script     `json:"script,omitempty"`     // nil: the model is no script's
	Notices    []Notice    `json:"notices,omitempty"`    // of what is not in the time
	Process    *Process    `json:"process,omitempty"`    // nil: the script sets nothing for its process
	Pipeline   *Pipeline   `json:"pipeline,omitempty"`   // nil: batches are made of examples
	Validation *Validation `json:"validation,omitempty"` // nil: an epoch is training alone
	Origin     *Origin     `json:"origin,omitempty"`     // from what it was exported; nil: an older export

	// Dir is the folder the manifest was read from; not part of the file.
	Dir string `json:"-"`
}

// Origin is from what a graph was exported, so that it can be exported again: the model
// as the exporter's command line names it, the folder in which that was, and the words
// of its options.
type Origin struct {
	Model   string   `json:"model"`
	Folder  string   `json:"folder"`
	Options []string `json:"options"`
}

// Model describes the Keras model behind the graph.
type Model struct {
	Architecture        string          `json:"architecture"`
	Parameters          int64           `json:"parameters"`
	TrainableParameters int64           `json:"trainable_parameters"`
	Loss                json.RawMessage `json:"loss"`
	Optimizer           Optimizer       `json:"optimizer"`
	FlopsPerExample     float64         `json:"flops_per_example"` // one training step, divided by the batch
}

// Optimizer is the Keras optimizer's name and settings.
type Optimizer struct {
	Name     string         `json:"name"`
	Settings map[string]any `json:"settings"`
}

// Variant says how this export differs from the plain one.
type Variant struct {
	Precision string `json:"precision"`
	JIT       bool   `json:"jit"`
	Unroll    bool   `json:"unroll"`
	Fused     bool   `json:"fused,omitempty"`    // recurrent layers have one gradient for all steps, and XLA compiles them
	Parts     int    `json:"parts,omitempty"`    // of a batch, computed side by side; 0 or 1 is the whole
	Replicas  int    `json:"replicas,omitempty"` // towers, each on a device of its own, from 0 on; 0 or 1 is one device
	Batch     *int   `json:"batch"`              // the fixed batch size; nil where it is free
	Device    string `json:"device"`             // cpu, or ForGPU
	Loops     bool   `json:"loops,omitempty"`    // a graph for a GPU would have kernels of cuDNN where this one has loops
}

// ForGPU is Variant.Device of a graph with kernels of cuDNN, which only a GPU runs.
const ForGPU = "gpu"

// MostReplicas is the largest Variant.Replicas.
const MostReplicas = 64

// Devices returns on how many devices the step runs, 1 or more.
func (v Variant) Devices() int { return max(1, v.Replicas) }

// Compiled tells whether XLA compiles the step or a part of it, anew for each
// shape of a batch.
func (v Variant) Compiled() bool { return v.JIT || v.Fused }

// Tensor is one input or target of a step. Shape starts with the batch; a nil
// dimension is free. Categories, if not zero, limits values to 0 … Categories-1,
// each of which is a row of a table. NaN says that a target may hold NaN where a
// value is missing, because the loss leaves it out.
type Tensor struct {
	Name       string   `json:"name"`
	DType      DType    `json:"dtype"`
	Shape      []*int64 `json:"shape"`
	Categories int64    `json:"categories"`
	NaN        bool     `json:"nan,omitempty"`
}

// Signature points into the SavedModel: the signature's key and the names of its
// inputs and outputs beside the step's own. Tensor names come from the SavedModel
// itself.
type Signature struct {
	Key  string `json:"key"`
	Loss string `json:"loss"` // train, epoch, total: output

	Examples string            `json:"examples,omitempty"` // upload, accumulate, total: output, how many examples it took
	Lengths  map[string]string `json:"lengths,omitempty"`  // upload: for each input of free length, the input with each batch's length
	Batch    string            `json:"batch,omitempty"`    // epoch: input, the examples a step
	Steps    string            `json:"steps,omitempty"`    // epoch: output, how many steps it ran

	Takes    []Tensor `json:"takes,omitempty"`    // preprocess: its inputs, which the data holds
	Makes    []string `json:"makes,omitempty"`    // preprocess: its outputs, each an input or target of the step
	Stateful bool     `json:"stateful,omitempty"` // preprocess: a call changes a variable, as one that draws at random does

	Outputs []Tensor       `json:"outputs,omitempty"` // predict: the model's outputs
	Values  []MetricOutput `json:"values,omitempty"`  // metrics, or evaluate: its outputs
	Count   string         `json:"metrics,omitempty"` // reset_metrics: output, how many metrics it reset
}

// Reset says how variables, optimizer slots and random state go back to the start.
type Reset struct {
	Kind           string `json:"kind"` // "restore": the SavedModel's own restore
	FilenameTensor string `json:"filename_tensor"`
	Operation      string `json:"operation"`
}

// Data is the graph's default data: a recipe ("synthetic"), a file, or the graph's
// own pipeline.
// Columns holds a Generator or, for a file, the name of an array, for each of
// DataTensors; there is no recipe for strings.
type Data struct {
	Kind    string                     `json:"kind"`
	Path    string                     `json:"path"`   // kind file: relative to the graph's folder
	SHA256  string                     `json:"sha256"` // kind file: of the file's content
	Columns map[string]json.RawMessage `json:"columns"`
}

// Generator makes one column of synthetic data from a seed.
type Generator struct {
	Kind    string  `json:"generator"` // normal, uniform, integers, one_hot or linear
	Mean    float64 `json:"mean"`
	StdDev  float64 `json:"stddev"`
	Low     float64 `json:"low"`  // uniform, integers: low ≤ value < high
	High    float64 `json:"high"` //
	Of      string  `json:"of"`   // linear: the column it is computed from
	Slope   float64 `json:"slope"`
	Noise   float64 `json:"noise"`
	Lengths []int   `json:"lengths"`              // shortest and longest sequence, both included
	Same    string  `json:"lengths_of,omitempty"` // a column whose sequences are as long, example by example
}

// Settings are the defaults of a run.
type Settings struct {
	Samples int  `json:"samples"`
	Batch   *int `json:"batch"` // nil: all examples in one step
	Epochs  int  `json:"epochs"`
	Shuffle bool `json:"shuffle,omitempty"`
}

// Parity names the file of the first batches and the losses Keras got on them.
type Parity struct {
	File      string    `json:"file"`
	Batch     int       `json:"batch"`
	Steps     int       `json:"steps"`
	Losses    []float64 `json:"losses"`
	Tolerance float64   `json:"tolerance"` // the relative difference allowed, between 0 and 1
}

// Mean returns the mean of Keras's losses: that of an epoch on the parity file, whose
// batches are of one size. It is 0 without any.
func (p Parity) Mean() float64 {
	sum := 0.0
	for _, loss := range p.Losses {
		sum += loss
	}
	return sum / float64(max(1, len(p.Losses)))
}

// Open reads and checks the manifest of the graph in dir, and checks that the files it
// names exist. It does not hash them: see Verify. The error is ErrNoManifest if dir has
// no manifest, ErrFormat if this program does not read the manifest's format,
// ErrDamaged if the manifest is wrong or a file is missing, or that of reading the
// manifest.
func Open(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: this folder is not an exported graph: make one with 'epochtime export NAME'", dir, ErrNoManifest)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a graph: %w", err)
	}
	m, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m.Dir = dir
	for _, name := range []string{"saved_model.pb", "variables/variables.index", m.Parity.File} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return nil, fmt.Errorf("%w: %s is missing from %s: export %s again%w", ErrDamaged, name, dir, m.Name, missing(""))
		}
	}
	if err := m.findArrays(); err != nil {
		return nil, err
	}
	return m, nil
}

func parse(text []byte) (*Manifest, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("%w: it is not whole, valid JSON (%v): export the graph again", ErrDamaged, err)
	}
	if version.Format != Format {
		return nil, fmt.Errorf("%w %d: this epochtime reads format %d: export the graph again with the pygen beside it",
			ErrFormat, version.Format, Format)
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %v: export the graph again", ErrDamaged, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %v: export the graph again", ErrDamaged, err)
	}
	return m, nil
}

// Tensors lists what a step is fed, inputs first, then targets.
func (m *Manifest) Tensors() []Tensor {
	if m == nil {
		return nil
	}
	return slices.Concat(m.Inputs, m.Targets)
}

// Generators returns the data recipe of a graph whose data is synthetic.
func (m *Manifest) Generators() (map[string]Generator, error) {
	if m == nil {
		return nil, errNil
	}
	out := make(map[string]Generator, len(m.Data.Columns))
	for _, name := range slices.Sorted(maps.Keys(m.Data.Columns)) {
		var g Generator
		if err := json.Unmarshal(m.Data.Columns[name], &g); err != nil {
			return nil, fmt.Errorf("%w: its data recipe of %s: %v", ErrDamaged, name, err)
		}
		out[name] = g
	}
	return out, nil
}

// ArrayNames returns, for each of DataTensors, the array of a data file that
// feeds it: the manifest's choice, otherwise the tensor's own name.
func (m *Manifest) ArrayNames() map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string)
	for _, t := range m.DataTensors() {
		out[t.Name] = t.Name
		var name string
		if m.Data.Kind == "file" && json.Unmarshal(m.Data.Columns[t.Name], &name) == nil {
			out[t.Name] = name
		}
	}
	return out
}

// DataPath is the default data file of a graph whose data is a file.
func (m *Manifest) DataPath() string {
	if m == nil {
		return ""
	}
	p := filepath.FromSlash(m.Data.Path)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(m.Dir, p)
}

// LossName is the loss as a person names it.
func (m *Manifest) LossName() string {
	if m == nil {
		return ""
	}
	var name string
	if json.Unmarshal(m.Model.Loss, &name) == nil {
		return name
	}
	return string(m.Model.Loss)
}
