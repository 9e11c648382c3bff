package tfsession

import (
	"encoding/binary"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/tstring"
)

// testGraph describes a SavedModel of testdata, made by testdata/make.py.
func testGraph(name string, inputs ...graph.Tensor) *graph.Manifest {
	return &graph.Manifest{
		Name: name, Dir: filepath.Join("testdata", name), Inputs: inputs,
		Signatures: map[string]graph.Signature{"train": {Key: "train", Loss: "loss"}},
		Reset:      graph.Reset{Kind: "restore", FilenameTensor: "saver_filename:0", Operation: "StatefulPartitionedCall_2"},
	}
}

func vector(name string, d graph.DType) graph.Tensor {
	return graph.Tensor{Name: name, DType: d, Shape: []*int64{nil}}
}

func put(b []byte, values ...float32) {
	for i, v := range values {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
}

// A variable that is assigned the fed tensor shares its memory: refilling the
// buffer would change the variable.
func TestKeptInputIsCopied(t *testing.T) {
	for _, check := range []bool{true, false} {
		tr := open(t, testGraph("keeps", vector("x", graph.Float32), vector("y", graph.Float32)), []int64{4}, []int64{2})
		put(tr.buffers.Bytes()[0], 1, 1, 1, 1)
		tr.feed(t)
		tr.run(t)
		if check {
			if kept := tr.step.CheckKept(tr.buffers); !slices.Equal(kept, []string{"x"}) {
				t.Fatalf("CheckKept found %v, want x alone", kept)
			}
		}
		if err := tr.session.Reset(); err != nil {
			t.Fatal(err)
		}
		tr.feed(t)
		if got := tr.run(t); got != 0 {
			t.Errorf("after a reset the variable holds %v, want 0", got)
		}
		put(tr.buffers.Bytes()[0], 7, 7, 7, 7) // the variable has taken ones
		tr.feed(t)
		switch got := tr.run(t); {
		case check && got != 4:
			t.Errorf("the variable holds %v, want 4: the refilled buffer changed it", got)
		case !check && got != 28:
			t.Errorf("without the check the variable holds %v, not 28: this test no longer shows the hazard", got)
		}
	}
}

func TestPlainInputsAreNotCopied(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "mlp"), 8)
	tr.run(t)
	if kept := tr.step.CheckKept(tr.buffers); kept != nil {
		t.Errorf("CheckKept found %v in a graph that keeps nothing", kept)
	}
}

// TensorFlow ends the process at an input without a tensor.
func TestNothingFed(t *testing.T) {
	tr := newTrainer(t, openGraph(t, "mlp"), 8)
	tr.run(t)
	tr.step.CheckKept(tr.buffers) // deletes the tensors of the step before
	_, run := tr.step.Run()
	_, _, traced := tr.step.RunTraced()
	empty, err := tr.step.Preloaded()
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"Run": run, "RunTraced": traced, "Preloaded": empty.Run(1)} {
		if !errors.Is(err, ErrStep) {
			t.Errorf("%s without a batch: %v", name, err)
		}
	}
	tr.feed(t)
	tr.run(t)
}

// everyType is a graph with one vector of every type, strings last, and what
// fills them with 2 and 3 (a bool: true and false).
func everyType() (m *graph.Manifest, fill func([][]byte)) {
	two, three := map[graph.DType]uint64{}, map[graph.DType]uint64{}
	for d, bits := range map[graph.DType][2]uint64{
		graph.Float16: {0x4000, 0x4200}, graph.BFloat16: {0x4000, 0x4040},
		graph.Float32: {0x40000000, 0x40400000}, graph.Float64: {0x4000000000000000, 0x4008000000000000},
		graph.Int8: {2, 3}, graph.Int16: {2, 3}, graph.Int32: {2, 3}, graph.Int64: {2, 3},
		graph.Uint8: {2, 3}, graph.Uint16: {2, 3}, graph.Uint32: {2, 3}, graph.Uint64: {2, 3},
		graph.Bool: {1, 0},
	} {
		two[d], three[d] = bits[0], bits[1]
	}
	var inputs []graph.Tensor
	for d := range two {
		inputs = append(inputs, vector(string(d), d))
	}
	inputs = append(inputs, vector("string", graph.String))
	m = testGraph("dtypes", inputs...)
	m.Reset.Operation = "StatefulPartitionedCall_4" // it has resident data too
	return m, func(buffers [][]byte) {
		for i, in := range inputs[:len(inputs)-1] {
			size := in.DType.Size()
			var wide [8]byte
			binary.LittleEndian.PutUint64(wide[:], two[in.DType])
			copy(buffers[i], wide[:size])
			binary.LittleEndian.PutUint64(wide[:], three[in.DType])
			copy(buffers[i][size:], wide[:size])
		}
	}
}

// sumOf is what that graph makes of it and of two strings.
func sumOf(words []string) float64 { return float64(5*12 + 1 + len(words[0]) + len(words[1])) }

var someWords = [][]string{{"ab", "as long as it can be"}, {"", "xyz"}}

// setStrings gives input i new buffers that hold these strings.
func (tr *trainer) setStrings(t *testing.T, i int, words ...string) {
	t.Helper()
	size := len(words) * graph.String.Size()
	at := size
	for _, w := range words {
		size += tstring.Room(len(w))
	}
	b, err := newBuffer(graph.String, size)
	if err != nil {
		t.Fatal(err)
	}
	tr.step.call.tensors[i] = nil // it may be over the old one
	tr.buffers.inputs[i].free()
	tr.buffers.inputs[i] = b
	for k, w := range words {
		at = tstring.Put(b.bytes, k, at, []byte(w))
	}
}

func TestEveryTypeIsFed(t *testing.T) {
	m, fill := everyType()
	tr := open(t, m, slices.Repeat([][]int64{{2}}, len(m.Inputs))...)
	fill(tr.buffers.Bytes())
	for _, words := range append(someWords, []string{"ab", "a string too long to be stored in place"}) {
		tr.setStrings(t, len(m.Inputs)-1, words...)
		tr.feed(t)
		if got, want := tr.run(t), sumOf(words); got != want {
			t.Errorf("strings %q: the sum is %v, want %v", words, got, want)
		}
	}
}

// Two steps of one example each: the mean of their sums is half of the whole.
func TestEveryTypeStaysOnTheDevice(t *testing.T) {
	m, fill := everyType()
	m.Signatures[graph.Upload] = graph.Signature{Key: "upload", Examples: "examples"}
	m.Signatures[graph.Epoch] = graph.Signature{Key: "epoch", Batch: "batch", Loss: "loss", Steps: "steps"}
	shapes := slices.Repeat([][]int64{{2}}, len(m.Inputs))
	s, r, _ := residentIn(t, m, shapes...)
	for _, words := range someWords {
		data, err := s.NewData(shapes)
		if err != nil {
			t.Fatal(err)
		}
		fill(data.Bytes())
		for k, w := range words { // which the tensor owns: its records hold them
			tstring.Put(data.Bytes()[len(m.Inputs)-1], k, 0, []byte(w))
		}
		if err := r.Upload(data, make([][]int32, len(m.Inputs))); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, steps, err := r.Epoch(1); err != nil || steps != 2 || got != sumOf(words)/2 {
				t.Errorf("strings %q: the mean is %v in %d steps, %v; want %v in 2", words, got, steps, err, sumOf(words)/2)
			}
		}
	}
}
