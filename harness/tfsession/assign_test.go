package tfsession

import (
	"bytes"
	"errors"
	"testing"

	"epochtime/harness/graph"
)

// variablesOf are the variables of a graph in graphs/ that training changes.
func variablesOf(t *testing.T, m *graph.Manifest) []graph.Variable {
	t.Helper()
	w, err := m.OpenWeights()
	if err != nil {
		t.Fatal(err)
	}
	return w.Variables
}

func TestAssign(t *testing.T) {
	m := openGraph(t, "mlp")
	s, err := Open(m, Options{Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all := variablesOf(t, m)
	number := byte(0)
	fill := func(_ int, value []byte) error {
		number++
		for i := range value {
			value[i] = number
		}
		return nil
	}
	for round := range 2 { // the second time the operations are there
		if err := s.Assign(all, fill); err != nil {
			t.Fatal(err)
		}
		for i, v := range all {
			want := bytes.Repeat([]byte{byte(round*len(all) + i + 1)}, int(v.Bytes))
			if got, err := s.Variable(v); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s is %x…, %v", v.Path, got[:min(4, len(got))], err)
			}
		}
	}
	before, err := s.Variable(all[0])
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err = s.Assign(all, func(i int, value []byte) error {
		if i == len(all)-1 {
			return broken
		}
		return fill(i, value)
	})
	if !errors.Is(err, broken) {
		t.Errorf("%v, want the error of the last variable", err)
	}
	if now, err := s.Variable(all[0]); err != nil || !bytes.Equal(before, now) {
		t.Error("an assignment that failed has changed a variable", err)
	}
	for name, v := range map[string]graph.Variable{
		"no tensor":    {Tensor: "none:0", DType: graph.Float32},
		"another type": {Tensor: all[0].Tensor, DType: graph.Int64, Bytes: 8},
		"no variable":  {Tensor: "train_x:0", DType: graph.Float32, Bytes: 4},
		"another size": {Tensor: all[0].Tensor, DType: all[0].DType, Shape: []int{3}, Bytes: 1},
	} {
		if err := s.Assign([]graph.Variable{v}, fill); !errors.Is(err, ErrGraph) {
			t.Errorf("%s: %v, want ErrGraph", name, err)
		}
	}
}
