package capacity

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"epochtime/harness/graph"
)

var errKind = errors.New("too much")

func TestCheck(t *testing.T) {
	free := func(bytes uint64) func() (uint64, bool) { return func() (uint64, bool) { return bytes, true } }
	unknown := func() (uint64, bool) { return 0, false }
	for _, c := range []struct {
		bytes uint64
		free  func() (uint64, bool)
		fits  bool
	}{{700, free(800), true}, {701, free(800), false}, {1 << 62, nil, true}, {1 << 62, unknown, true}, {0, free(0), true}, {1, free(0), false}} {
		if err := Check(errKind, c.bytes, c.free); (err == nil) != c.fits || err != nil && !errors.Is(err, errKind) {
			t.Errorf("%d bytes: %v; does it fit? %v", c.bytes, err, c.fits)
		}
	}
}

func TestSynthetic(t *testing.T) {
	one, side := int64(1), int64(28)
	tensor := func(name string, d graph.DType, tail ...*int64) graph.Tensor {
		return graph.Tensor{Name: name, DType: d, Shape: append([]*int64{nil}, tail...)}
	}
	for name, c := range map[string]struct {
		m    graph.Manifest
		want uint64
	}{
		"points":    {graph.Manifest{Inputs: []graph.Tensor{tensor("x", graph.Float32, &one), tensor("y", graph.Float32, &one)}}, 2 * 10 * 8},
		"images":    {graph.Manifest{Inputs: []graph.Tensor{tensor("x", graph.Float32, &side, &side, &one), tensor("y", graph.Int32)}}, 2 * 10 * (784*4 + 4)},
		"sequences": {graph.Manifest{Inputs: []graph.Tensor{tensor("x", graph.Int32, nil), tensor("y", graph.Int32)}}, 2 * 10 * (50*4 + 4)},
	} {
		c.m.Data.Columns = map[string]json.RawMessage{"x": json.RawMessage(`{"generator": "integers", "lengths": [5, 50]}`)}
		if got, err := Synthetic(&c.m, 10); err != nil || got != c.want {
			t.Errorf("10 examples of %s: %d bytes, %v; want %d", name, got, err, c.want)
		}
		if got, err := Synthetic(&c.m, math.MaxInt64); err != nil || got < math.MaxInt64 {
			t.Errorf("all examples of %s: %d bytes, %v", name, got, err)
		}
		c.m.Data.Columns["x"] = json.RawMessage(`7`)
		if _, err := Synthetic(&c.m, 10); !errors.Is(err, graph.ErrDamaged) {
			t.Errorf("%s with a damaged recipe: %v, want ErrDamaged", name, err)
		}
	}
}
