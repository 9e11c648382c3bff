package tfsession

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/tstring"
)

// wordsGraph is testdata/words: does its variable hold what want says?
func wordsGraph() *graph.Manifest {
	return testGraph("words", vector("x", graph.String), vector("want", graph.String))
}

// A variable that takes strings by way of an operation holds copies of its own,
// also of those too long for their record.
func TestStringsOutliveTheirBuffer(t *testing.T) {
	first := []string{"short", "a string too long to be stored in place"}
	second := []string{"other", "another one too long to be stored there"}
	for form, owned := range map[string]bool{"LARGE": true, "OFFSET": false} {
		tr := open(t, wordsGraph(), []int64{2}, []int64{2})
		tr.shapes = [][]int64{{2}, {2}}
		tr.setStrings(t, 0, first...)
		tr.setStrings(t, 1, "", "")
		if x := tr.buffers.Bytes()[0]; !owned { // the same string, by its distance from the record
			binary.LittleEndian.PutUint64(x[24:], uint64(len(first[1])<<2|2)|24<<32)
		}
		tr.feed(t)
		if got := tr.run(t); got != 1 {
			t.Fatalf("the variable does not start empty: %v", got)
		}
		x := tr.buffers.Bytes()[0]
		for k, at := 0, 48; k < 2; k++ {
			at = tstring.Put(x, k, at, []byte(second[k]))
		}
		tr.setStrings(t, 1, first[1], first[0])
		tr.feed(t)
		switch got := tr.run(t); {
		case owned && got != 1:
			t.Errorf("%s: the variable holds something else than it took: the refilled buffer changed it", form)
		case !owned && got != 0:
			t.Errorf("%s: the variable holds what it took: this test no longer shows the hazard", form)
		}
	}
}

// layersGraph is testdata/layers: words become numbers, draw counts the calls.
func layersGraph() *graph.Manifest {
	three := int64(3)
	matrix := func(name string) graph.Tensor {
		return graph.Tensor{Name: name, DType: graph.Float32, Shape: []*int64{nil, nil}}
	}
	m := testGraph("layers", graph.Tensor{Name: "tokens", DType: graph.Int64, Shape: []*int64{nil, &three}}, matrix("draw"), matrix("same"))
	m.Targets = []graph.Tensor{vector("y", graph.Float32)}
	m.Reset.Operation = "StatefulPartitionedCall_4"
	m.Signatures[graph.Preprocessing] = graph.Signature{
		Key: "preprocess", Stateful: true, Makes: []string{"same", "draw", "tokens"},
		Takes: []graph.Tensor{vector("text", graph.String), matrix("shift")},
	}
	return m
}

// layered is a session on that graph with one ring of buffers.
type layered struct {
	*trainer
	maker *Maker
}

func openLayers(t *testing.T, m *graph.Manifest) layered {
	t.Helper()
	shapes := [][]int64{{2}, {2, 1}, {2}}
	s, err := Open(m, Options{Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	step, err := s.Train()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { step.Close() })
	layers, err := s.Layers()
	if err != nil {
		t.Fatal(err)
	}
	buffers, err := s.NewBuffers([]int{128, 8, 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { buffers.Close() })
	maker, err := layers.Maker()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { maker.Close() })
	return layered{&trainer{s, step, buffers, shapes}, maker}
}

// train runs signature and step on two examples.
func (l layered) train(t *testing.T, texts [2]string, shift, y float32) float64 {
	t.Helper()
	b := l.buffers.Bytes()
	at := 2 * graph.String.Size()
	for k, text := range texts {
		at = tstring.Put(b[0], k, at, []byte(text))
	}
	put(b[1], shift, shift)
	put(b[2], y, y)
	for i, shape := range l.shapes {
		if err := l.maker.Shape(l.buffers, i, shape); err != nil {
			t.Fatal(err)
		}
		if err := l.step.Shape(l.buffers, i, shape); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.maker.Make(2); err != nil {
		t.Fatal(err)
	}
	l.step.Made(l.maker)
	return l.run(t)
}

func TestLayersMakeInputs(t *testing.T) {
	l := openLayers(t, layersGraph())
	texts := [2]string{"cherry,apple,none", "a word too long to be stored in place"}
	const tokens = 300.0 + 10 + 200
	for range 2 {
		for call := 1.0; call <= 3; call++ {
			// Both drawn numbers are the call and 4; same is 4, and 4 minus what is drawn is -call.
			want := 1000*tokens + 10*2*(call+4) - 2*call + 2*0.5
			if got := l.train(t, texts, 4, 0.5); got != want {
				t.Errorf("call %v: %v, want %v", call, got, want)
			}
		}
		if err := l.session.Reset(); err != nil { // the state of the layers too
			t.Fatal(err)
		}
	}
	l.maker.Drop()
	if kept := l.step.CheckKept(l.buffers); kept != nil {
		t.Errorf("it keeps %v", kept)
	}
	if _, err := l.step.Run(); !errors.Is(err, ErrStep) {
		t.Errorf("a step without a batch: %v", err)
	}
	if err := l.maker.Make(2); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "text") {
		t.Errorf("layers without a batch: %v", err)
	}
}

func TestLayersThatDoNotFit(t *testing.T) {
	one := int64(1)
	for says, spoil := range map[string]func(*graph.Signature, *graph.Manifest){
		`no signature "other"`: func(s *graph.Signature, _ *graph.Manifest) { s.Key = "other" },
		`no input "texts"`:     func(s *graph.Signature, _ *graph.Manifest) { s.Takes[0].Name = "texts" },
		"not the int32":        func(s *graph.Signature, _ *graph.Manifest) { s.Takes[0].DType = graph.Int32 },
		`no output "y"`:        func(s *graph.Signature, _ *graph.Manifest) { s.Makes[0] = "y" },
	} {
		m := layersGraph()
		raw := m.Signatures[graph.Preprocessing]
		spoil(&raw, m)
		m.Signatures[graph.Preprocessing] = raw
		s, err := Open(m, Options{Device: "cpu"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Layers(); !errors.Is(err, ErrGraph) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		s.Close()
	}
	m := layersGraph()
	m.Inputs[2].Shape[1] = &one
	l := openLayers(t, m)
	l.train(t, [2]string{}, 1, 1)
	l.shapes[1] = []int64{1, 2} // as many numbers, of one example
	for i, shape := range l.shapes {
		if err := l.maker.Shape(l.buffers, i, shape); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.maker.Make(2); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "[1 2]") {
		t.Errorf("another shape than the step takes: %v", err)
	}
}
