package stats

import (
	"fmt"
	"math"
	"testing"

	"epochtime/harness/record"
)

// scaled is a run of a model on so many devices, whose epoch of 1000 examples takes so long.
func scaled(device string, devices any, batch int, seconds ...float64) record.Run {
	r := record.Run{
		Graph:  record.Graph{Name: fmt.Sprint("mlp-", devices), Architecture: "mlp", Parameters: 10, Variant: map[string]any{"replicas": devices, "jit": false}},
		Config: record.Config{Device: device},
	}
	for block, s := range seconds {
		r.Launches = append(r.Launches, record.Launch{
			Status: record.OK, Block: block, Resolved: record.Resolved{Batch: batch},
			Epochs: []record.Epoch{{Seconds: s, Step: s, Steps: 1, Samples: 1000}},
		})
	}
	return r
}

func TestScaling(t *testing.T) {
	base := []float64{8, 8, 8, 8, 8, 8}
	half, quarter := []float64{5, 5, 5, 5, 5, 5}, []float64{2.5, 2.5, 2.5, 2.5, 2.5, 2.5}
	rec := &record.Record{Runs: []record.Run{
		scaled("gpu", 1, 64, base...),
		scaled("gpu", 4.0, 64, quarter...), // as a record that was read has it
		scaled("gpu", 2, 64, half...),
		scaled("gpu", 2, 128, 4, 4, 4, 4, 4, 4),
		scaled("gpu", 2, 96, half...), // neither
		scaled("gpu", 4, 256),         // not measured
	}}
	rec.Runs[1].Graph.Variant["target"] = "gpu" // replicas are for a target, and one device need not be
	var got []string
	for _, s := range ScalingOf(rec) {
		got = append(got, fmt.Sprintf("%s %d %d %.2f %.2f %v", s.Kind, s.Devices, s.Batch, s.SpeedUp.Median, s.Efficiency.Median, s.Efficiency.Known()))
		if s.Efficiency.Low > s.Efficiency.Median || math.Abs(s.Efficiency.High*float64(s.Devices)-s.SpeedUp.High) > 1e-9 {
			t.Errorf("%+v", s)
		}
	}
	want := []string{"strong 2 64 1.60 0.80 true", "strong 4 64 3.20 0.80 true", "weak 2 128 2.00 1.00 true"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What shares a CPU, differs in more than its devices, or is on another machine, does not
// scale.
func TestNoScaling(t *testing.T) {
	base := scaled("gpu", 1, 64, 8, 8)
	for name, change := range map[string]func(*record.Run){
		"logical CPUs":   func(r *record.Run) { r.Config.Device = "cpu" },
		"another model":  func(r *record.Run) { r.Graph.Parameters++ },
		"XLA":            func(r *record.Run) { r.Graph.Variant["jit"] = true },
		"another build":  func(r *record.Run) { r.Config.Worker = []string{"tf220"} },
		"in parts":       func(r *record.Run) { r.Graph.Variant["parts"] = 2 },
		"another fetch":  func(r *record.Run) { r.Config.Fetch = record.FetchLast },
		"other machines": func(r *record.Run) { r.On = "gpu7" },
		"loops":          func(r *record.Run) { r.Graph.Variant["target"], r.Graph.Variant["loops"] = "gpu", true },
		"one device":     func(r *record.Run) { delete(r.Graph.Variant, "replicas") },
	} {
		run := scaled("gpu", 2, 64, 4, 4)
		change(&run)
		if got := ScalingOf(&record.Record{Runs: []record.Run{base, run}}); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
