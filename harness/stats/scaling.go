package stats

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"epochtime/harness/record"
)

// Kinds of scaling.
const (
	Strong = "strong" // the same batch, cut into a part for each device
	Weak   = "weak"   // a batch as many times larger as there are devices
)

// Scaling is what several devices of one machine make of a model, against one of them.
type Scaling struct {
	Base, Run int // in the record: on one device, and on several
	Devices   int
	Batch     int    // of Run, in examples
	Kind      string // Strong or Weak

	// SpeedUp is the time of an example on one device over that on all of them, and
	// Efficiency that over the number of devices: 1 is no loss. Both by blocks, as
	// RatioByBlocks has them.
	SpeedUp, Efficiency Ratio
}

// scalingCertainty is the confidence of the intervals.
const scalingCertainty = 0.95

// ScalingOf returns how the models of a record scale, by base, kind and devices. What ran on
// logical devices of a CPU has none: they share the cores.
func ScalingOf(rec *record.Record) []Scaling {
	if rec == nil {
		return nil
	}
	var out []Scaling
	for i := range rec.Runs {
		for k := range rec.Runs {
			if s, ok := scaling(&rec.Runs[i], &rec.Runs[k]); ok {
				s.Base, s.Run = i, k
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Scaling) int {
		return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Devices, b.Devices))
	})
	return out
}

// scaling compares two runs, if they are of one model on one accelerator and on several.
func scaling(base, run *record.Run) (Scaling, bool) {
	n := Replicas(run)
	if Replicas(base) != 1 || n < 2 || !base.Config.OnGPU() || !run.Config.OnGPU() || base.On != run.On || !sameModel(base, run) {
		return Scaling{}, false
	}
	s := Scaling{Devices: n, Batch: batchOf(run)}
	switch one := batchOf(base); {
	case one == 0 || s.Batch == 0:
		return Scaling{}, false
	case s.Batch == one:
		s.Kind = Strong
	case s.Batch == n*one:
		s.Kind = Weak
	default:
		return Scaling{}, false
	}
	s.SpeedUp = RatioByBlocks(LaunchValues(run, true), LaunchValues(base, true), scalingCertainty)
	s.Efficiency = s.SpeedUp
	s.Efficiency.Median, s.Efficiency.Low, s.Efficiency.High = s.SpeedUp.Median/float64(n), s.SpeedUp.Low/float64(n), s.SpeedUp.High/float64(n)
	return s, s.SpeedUp.Blocks > 0
}

// Replicas returns on how many devices the graph of a run trains.
func Replicas(r *record.Run) int {
	if r == nil {
		return 0
	}
	switch n := r.Graph.Variant["replicas"].(type) {
	case int:
		return max(1, n)
	case float64: // as JSON has it
		return max(1, int(n))
	}
	return 1
}

// batchOf returns how many examples a step of a run trains on; 0: no launch tells.
func batchOf(r *record.Run) int {
	for _, l := range r.Launches {
		if l.Status == record.OK && l.Resolved.Batch > 0 {
			return l.Resolved.Batch
		}
	}
	return 0
}

// sameModel reports whether two runs train one model in one way, but for devices and batch.
func sameModel(a, b *record.Run) bool {
	v, u := a.Graph.Variant, b.Graph.Variant
	for _, key := range slices.Concat(slices.Collect(maps.Keys(v)), slices.Collect(maps.Keys(u))) {
		if !slices.Contains([]string{"replicas", "batch", "target", "loops"}, key) && v[key] != u[key] {
			return false
		}
	}
	if v["target"] != u["target"] && (v["loops"] != nil || u["loops"] != nil) { // of one recurrent layers are kernels
		return false
	}
	c, d := a.Config, b.Config
	for _, config := range []*record.Config{&c, &d} {
		config.Batch, config.Samples, config.Epochs, config.Device = 0, 0, 0, ""
	}
	return a.Graph.Architecture == b.Graph.Architecture && a.Graph.Parameters == b.Graph.Parameters && reflect.DeepEqual(c, d)
}
