package tfsession

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// residentIn opens a graph with room for one data set of these shapes.
func residentIn(t *testing.T, m *graph.Manifest, shapes ...[]int64) (*Session, *Resident, *Data) {
	t.Helper()
	s, err := Open(m, Options{Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r, err := s.Resident()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	data, err := s.NewData(shapes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	return s, r, data
}

func TestResidentEpochs(t *testing.T) {
	m := openGraph(t, "linear")
	s, r, data := residentIn(t, m, []int64{100, 1}, []int64{100, 1})
	put(data.Bytes()[0], make([]float32, 100)...)
	put(data.Bytes()[1], slices.Repeat([]float32{3}, 100)...)
	if err := r.Upload(data, make([][]int32, 2)); err != nil {
		t.Fatal(err)
	}
	epoch := func(batch, want int) float64 {
		t.Helper()
		loss, steps, err := r.Epoch(batch)
		if err != nil || steps != want {
			t.Fatalf("batches of %d: %d steps, %v; want %d", batch, steps, err, want)
		}
		return loss
	}
	if loss := epoch(100, 1); math.Abs(loss-9) > 1e-5 {
		t.Errorf("targets of 3 have the loss %v, want 9", loss)
	}
	first := epoch(32, 4)
	if again := epoch(32, 4); again >= first {
		t.Errorf("the loss does not fall: %v, %v", first, again)
	}
	if err := s.Reset(); err != nil { // the data stays
		t.Fatal(err)
	}
	if loss := epoch(1000, 1); math.Abs(loss-9) > 1e-5 {
		t.Errorf("after a reset the loss is %v, want 9", loss)
	}
	for _, batch := range []int{0, -1, 1 << 40} {
		if _, _, err := r.Epoch(batch); !errors.Is(err, ErrStep) {
			t.Errorf("batches of %d: error %v, want ErrStep", batch, err)
		}
	}
}

// Two sessions of one process, and data that takes the place of other data.
func TestResidentDataIsTheSessions(t *testing.T) {
	m := openGraph(t, "linear")
	_, one, data := residentIn(t, m, []int64{10, 1}, []int64{10, 1})
	s, two, other := residentIn(t, m, []int64{4, 1}, []int64{4, 1})
	for _, b := range slices.Concat(data.Bytes(), other.Bytes()) {
		clear(b)
	}
	none := make([][]int32, 2)
	if err := one.Upload(data, none); err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.Epoch(2); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), "resident/") {
		t.Errorf("an epoch before any upload: %v", err)
	}
	if err := two.Upload(other, none); err != nil {
		t.Fatal(err)
	}
	for r, want := range map[*Resident]int{one: 5, two: 2} {
		if _, steps, err := r.Epoch(2); err != nil || steps != want {
			t.Errorf("%d steps, %v; want %d", steps, err, want)
		}
	}
	third, err := s.NewData([][]int64{{6, 1}, {6, 1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Upload(third, none); err != nil {
		t.Fatal(err)
	}
	if _, steps, err := two.Epoch(2); err != nil || steps != 3 {
		t.Errorf("%d steps, %v; want 3", steps, err)
	}
}

// On the CPU, the data set is not copied: the device uses the memory it was
// prepared in, and lets go of it once other data takes its place.
func TestUploadCopiesNothing(t *testing.T) {
	const examples, mib = 100_000, 1 << 20 // 40 MB of tokens
	s, r, _ := residentIn(t, openGraph(t, "rnn"), []int64{1, 1}, []int64{1})
	before := residentBytes(t)
	for i := range 5 {
		data, err := s.NewData([][]int64{{examples, 100}, {examples}})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range data.Bytes() {
			clear(b)
		}
		if err := r.Upload(data, [][]int32{make([]int32, 1), nil}); err != nil {
			t.Fatal(err)
		}
		grown := residentBytes(t) - before
		if i == 0 && (grown < 35*mib || grown > 60*mib) || grown > 110*mib {
			t.Errorf("after upload %d of 40 MB the process has grown by %d MiB", i+1, grown/mib)
		}
	}
}

func TestResidentRefusals(t *testing.T) {
	for name, spoil := range map[string]func(m *graph.Manifest){
		"no signatures":    func(m *graph.Manifest) { delete(m.Signatures, graph.Epoch) },
		"no such key":      func(m *graph.Manifest) { change(m, graph.Upload, func(s *graph.Signature) { s.Key = "none" }) },
		"no such epoch":    func(m *graph.Manifest) { change(m, graph.Epoch, func(s *graph.Signature) { s.Key = "none" }) },
		"no such lengths":  func(m *graph.Manifest) { change(m, graph.Upload, func(s *graph.Signature) { s.Lengths["x"] = "none" }) },
		"no such examples": func(m *graph.Manifest) { change(m, graph.Upload, func(s *graph.Signature) { s.Examples = "none" }) },
		"no such batch":    func(m *graph.Manifest) { change(m, graph.Epoch, func(s *graph.Signature) { s.Batch = "none" }) },
		"no such loss":     func(m *graph.Manifest) { change(m, graph.Epoch, func(s *graph.Signature) { s.Loss = "steps" }) },
		"no such steps":    func(m *graph.Manifest) { change(m, graph.Epoch, func(s *graph.Signature) { s.Steps = "loss" }) },
	} {
		t.Run(name, func(t *testing.T) {
			m := openGraph(t, "rnn")
			spoil(m)
			s, err := Open(m, Options{Device: "cpu"})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Resident(); !errors.Is(err, ErrGraph) && !errors.Is(err, graph.ErrResident) {
				t.Errorf("error %v, want ErrGraph or graph.ErrResident", err)
			}
		})
	}
}

func change(m *graph.Manifest, name string, how func(*graph.Signature)) {
	s := m.Signatures[name]
	how(&s)
	m.Signatures[name] = s
}
