// Package tfsession loads an exported graph into a TensorFlow session and runs
// its training step. It is the only package that uses cgo. The binding owns graph
// and session; this package adds the calls of the C API that a timed step needs
// and the binding lacks.
//
// A Session and what is made of it hold C memory until Close. Close may be called
// from any goroutine, and more than once: another Close does nothing and returns
// nil. Every other method returns ErrClosed after it.
//
// Programs that only train use package train.
package tfsession

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"google.golang.org/protobuf/proto"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// Errors of a session. Test with errors.Is.
var (
	// ErrOptions: a value of Options is out of range.
	ErrOptions = errors.New("invalid session options")
	// ErrGraph: TensorFlow cannot load the graph, or it is not what its manifest says.
	ErrGraph = errors.New("cannot load the graph")
	// ErrDevice: this TensorFlow build does not see the device.
	ErrDevice = errors.New("no such device here")
	// ErrOOM: TensorFlow ran out of memory (RESOURCE_EXHAUSTED).
	ErrOOM = errors.New("out of memory")
	// ErrStep: TensorFlow failed in a step.
	ErrStep = errors.New("the step failed")
)

// Options of a session. Zero threads leave the choice to TensorFlow.
type Options struct {
	Device    string // as record.ParseDevice takes it: cpu, gpu, gpu:0,1 or tpu
	IntraOp   int    // threads that share one operation, at most 1,000
	InterOp   int    // threads that run operations side by side, at most 1,000
	GPUMemory uint64 // bytes that TensorFlow may take of the GPU, whole MiB; 0: all of it, as needed
	Executor  string // SingleThreaded, CallerThread, ThreadPool, or empty, which is ThreadPool

	// Unrewritten runs the graph as it stands. TensorFlow otherwise rewrites it for
	// speed, which changes the last bits of what it computes.
	Unrewritten bool
}

// maxThreads is the largest number of threads. TensorFlow ends the process where it
// cannot start one, or is told a negative number.
const maxThreads = 1_000

// Check returns ErrOptions, with the field and what it may be, if a number of
// threads or the executor of o is none that Open takes. The device is found by Open.
func (o Options) Check() error {
	for _, field := range []struct {
		name  string
		value int
	}{{"IntraOp", o.IntraOp}, {"InterOp", o.InterOp}} {
		if field.value < 0 || field.value > maxThreads {
			return fmt.Errorf("%w: %s is %d: set a number from 0 to %d", ErrOptions, field.name, field.value, maxThreads)
		}
	}
	if o.GPUMemory > 0 && (o.GPUMemory < 1<<20 || !strings.HasPrefix(o.Device, "gpu")) {
		return fmt.Errorf("%w: GPUMemory is %d bytes of the device %q: set a MiB or more of a gpu, or 0", ErrOptions, o.GPUMemory, o.Device)
	}
	switch o.Executor {
	case "", ThreadPool, CallerThread, SingleThreaded:
		return nil
	}
	return fmt.Errorf("%w: Executor is %q: set %s, %s, %s or nothing", ErrOptions, o.Executor, ThreadPool, SingleThreaded, CallerThread)
}

// The executors that Options may name, as package record describes them.
const (
	SingleThreaded = record.SingleThreaded
	CallerThread   = record.CallerThread
	ThreadPool     = record.ThreadPool
)

// Device is one that TensorFlow offers.
type Device struct {
	Name, Type  string
	MemoryBytes int64
}

// Session is a loaded graph with its variables. Close may be called from any
// goroutine: it waits for the calls that run, and closes all that was made of the
// session. Another Close does nothing and returns nil. Every other method returns
// ErrClosed after Close, and of a zero Session.
type Session struct {
	life
	manifest   *graph.Manifest
	model      *savedModel
	runOptions []byte // RunOptions of every step, serialized; empty for the defaults

	tensors  []graph.Tensor // the step's inputs
	gathered []graph.Tensor // what a batch is gathered into, a slot each
	kept     []bool         // slots that the graph keeps: each call gets a copy of its own

	partsMu sync.Mutex
	parts   map[owned]struct{} // what is closed with the session

	assignments map[string]assignment // by the tensor that reads the variable; guarded by partsMu
}

// Version is the version of the TensorFlow library that is linked.
func Version() string { return tf.Version() }

// Open loads the graph into a session on the device asked for. The variables
// are at their start. Errors are ErrOptions, ErrDevice, ErrGraph and ErrOOM.
func Open(m *graph.Manifest, o Options) (*Session, error) {
	if m == nil {
		return nil, fmt.Errorf("%w: its manifest is nil", ErrGraph)
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if err := checkLayout(); err != nil {
		return nil, err
	}
	if n := m.Variant.Devices(); n > 1 && o.Executor == SingleThreaded {
		return nil, fmt.Errorf("%w: Executor is %q, under which the %d replicas of the graph wait for each other for ever", ErrOptions, o.Executor, n)
	}
	config, err := o.config(m.Variant.Devices())
	if err != nil {
		return nil, err
	}
	model, meta, err := loadSavedModel(m.Dir, config)
	if err != nil {
		return nil, err
	}
	gathered := m.Gathered()
	s := &Session{
		life: life{open: true}, manifest: m, model: model, tensors: m.Tensors(), gathered: gathered, kept: make([]bool, len(gathered)),
		parts: make(map[owned]struct{}),
	}
	if s.runOptions, err = o.ofRun(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.checkDevice(o.Device, m.Variant); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.start(meta); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// start brings variables and tables to their start.
func (s *Session) start(meta *corepb.MetaGraphDef) error {
	if err := s.Reset(); err != nil {
		return err
	}
	return s.model.initialize(s.manifest.Dir, meta)
}

// enter is life.enter, of a nil session too.
func (s *Session) enter() error {
	if s == nil {
		return ErrClosed
	}
	return s.life.enter()
}

// Close frees the session, its variables, and all that was made of it.
func (s *Session) Close() error {
	if s == nil {
		return nil
	}
	var err error
	s.end(func() {
		err = s.model.Session.Close()
		for o := range s.parts { // after it: no variable shares the memory of a buffer any more
			o.state().open = false
			o.free()
		}
		clear(s.parts)
	})
	return err
}

// Devices lists what this session may run on.
func (s *Session) Devices() ([]Device, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return devicesOf(s.model.Session)
}

// Devices lists every device that the linked library sees. It makes a session of
// its own, which on a GPU takes memory until the process ends.
func Devices() ([]Device, error) {
	s, err := tf.NewSession(tf.NewGraph(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDevice, err)
	}
	defer s.Close()
	return devicesOf(s)
}

// Reset puts variables, optimizer slots and random state back to the start by
// the SavedModel's own restore.
func (s *Session) Reset() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	filename, err := s.output(s.manifest.Reset.FilenameTensor)
	if err != nil {
		return err
	}
	restore := s.model.Graph.Operation(s.manifest.Reset.Operation)
	if restore == nil {
		return fmt.Errorf("%w: it has no operation %q to restore its variables", ErrGraph, s.manifest.Reset.Operation)
	}
	prefix, err := tf.NewTensor(filepath.Join(s.manifest.Dir, "variables", "variables"))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrGraph, err)
	}
	if _, err := s.model.Session.Run(map[tf.Output]*tf.Tensor{filename: prefix}, nil, []*tf.Operation{restore}); err != nil {
		return classify(ErrGraph, fmt.Errorf("restoring its variables: %w", err))
	}
	return nil
}

// output finds a tensor by its name in the SavedModel, such as "train_x:0".
func (s *Session) output(name string) (tf.Output, error) {
	base, index, _ := strings.Cut(name, ":")
	n := 0
	if index != "" {
		var err error
		if n, err = strconv.Atoi(index); err != nil {
			return tf.Output{}, fmt.Errorf("%w: %q is no tensor name", ErrGraph, name)
		}
	}
	o := s.model.Graph.Operation(base)
	if o == nil || n < 0 || n >= o.NumOutputs() {
		return tf.Output{}, fmt.Errorf("%w: it has no tensor %q", ErrGraph, name)
	}
	return o.Output(n), nil
}

// config is the ConfigProto of a graph on so many devices, serialized. It hides the
// devices not asked for, because the placer takes GPU:0 without saying so. The one CPU
// of a machine is as many logical ones as are needed.
func (o Options) config(devices int) ([]byte, error) {
	kind, gpus, err := parseDevice(o.Device)
	if err != nil {
		return nil, err
	}
	c := &corepb.ConfigProto{
		IntraOpParallelismThreads: int32(o.IntraOp),
		InterOpParallelismThreads: int32(o.InterOp),
	}
	if kind != "GPU" {
		c.DeviceCount = map[string]int32{"GPU": 0}
	}
	if kind == "CPU" && devices > 1 {
		c.DeviceCount["CPU"] = int32(devices)
	}
	if kind == "GPU" && devices > 1 {
		c.AllowSoftPlacement = true // what has no kernel for a GPU is on the CPU, though its tower names the GPU
	}
	if o.Executor == SingleThreaded {
		c.Experimental = &corepb.ConfigProto_Experimental{ExecutorType: "SINGLE_THREADED_EXECUTOR"}
	}
	if o.Unrewritten {
		c.GraphOptions = &corepb.GraphOptions{
			RewriteOptions:   &corepb.RewriterConfig{DisableMetaOptimizer: true},
			OptimizerOptions: &corepb.OptimizerOptions{OptLevel: corepb.OptimizerOptions_L0},
		}
	}
	if kind == "GPU" { // else TensorFlow takes the whole memory at once
		c.GpuOptions = &corepb.GPUOptions{AllowGrowth: true}
	}
	if o.GPUMemory > 0 {
		limit := &corepb.GPUOptions_Experimental_VirtualDevices{MemoryLimitMb: []float32{float32(o.GPUMemory >> 20)}}
		c.GpuOptions.Experimental = &corepb.GPUOptions_Experimental{
			VirtualDevices: slices.Repeat([]*corepb.GPUOptions_Experimental_VirtualDevices{limit}, cmp.Or(len(gpus), devices)),
		}
	}
	if len(gpus) > 0 {
		c.GpuOptions.VisibleDeviceList = visible(gpus)
	}
	return proto.Marshal(c)
}

// visible lists the GPUs that TensorFlow is to see, in their order.
func visible(gpus []int) string {
	var words []string
	for _, n := range gpus {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ",")
}

// ofRun is the RunOptions of a step, serialized; empty for the defaults.
func (o Options) ofRun() ([]byte, error) {
	if o.Executor != CallerThread {
		return nil, nil
	}
	return proto.Marshal(&corepb.RunOptions{InterOpThreadPool: -1})
}

// classify wraps an error of the binding, which keeps no status code.
func classify(otherwise, err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "OOM when allocating"), strings.Contains(text, "RESOURCE_EXHAUSTED"):
		return fmt.Errorf("%w: %w", ErrOOM, err)
	case strings.Contains(text, "visible_device_list"):
		return fmt.Errorf("%w: %w", ErrDevice, err)
	}
	return fmt.Errorf("%w: %w", otherwise, err)
}
