package stats

import (
	"math"
	"testing"

	"epochtime/harness/record"
)

// validated adds validation of these seconds to the launch's epochs, the warm-up
// included; 0 is an epoch that it does not follow.
func validated(l record.Launch, seconds ...float64) record.Launch {
	for i, s := range seconds {
		if s > 0 {
			l.Epochs[i].Validation, l.Epochs[i].ValidationSteps = s, 2
		}
	}
	return l
}

func TestWholeSeconds(t *testing.T) {
	for name, c := range map[string]struct {
		launches []record.Launch
		want     float64 // 0: none
	}{
		"none":             {[]record.Launch{ok(1, 2, 3)}, 0},
		"each epoch":       {[]record.Launch{validated(ok(1, 2, 3), 9, 0.5, 0.5, 0.5)}, 2.5},
		"every second":     {[]record.Launch{validated(ok(1, 2, 3, 4), 0, 0, 0.5, 0, 1)}, 3.75}, // of 2.5 and 5
		"only the warm-up": {[]record.Launch{validated(ok(1, 2), 9)}, 0},
		"launch medians":   {[]record.Launch{validated(ok(1), 0, 1), validated(ok(2), 0, 1), validated(ok(9), 0, 1)}, 3},
		"failed":           {[]record.Launch{ok(1), validated(failed(record.OOM, ""), 1, 1, 1)}, 0},
	} {
		s, _ := Summarize(&record.Run{Launches: c.launches})
		switch got := s.WholeSeconds; {
		case (got == nil) != (c.want == 0):
			t.Errorf("%s: %v, want %v", name, got, c.want)
		case got != nil && got.Median != c.want:
			t.Errorf("%s: %v s, want %v", name, got.Median, c.want)
		}
	}
	var six []record.Launch
	for i := range 6 {
		six = append(six, validated(ok(float64(i+1)), 0, 1))
	}
	s, _ := Summarize(&record.Run{Launches: six})
	if i := *s.WholeSeconds; !i.Known() || i.Low != 2 || i.High != 7 {
		t.Errorf("six launches have the interval %v", i)
	}
}

// The first epoch of a cold launch is marked as a warm-up, and is not among the
// measured ones.
func TestFirstEpochSeconds(t *testing.T) {
	cold := record.Config{Cold: true}
	for name, c := range map[string]struct {
		config   record.Config
		launches []record.Launch
		want     float64
	}{
		"warm":   {record.Config{}, []record.Launch{ok(1, 2)}, 0},
		"cold":   {cold, []record.Launch{ok(1, 2)}, 1000},
		"failed": {cold, []record.Launch{ok(1), failed(record.Killed, "")}, 1000},
	} {
		s, _ := Summarize(&record.Run{Config: c.config, Launches: c.launches})
		switch got := s.FirstEpochSeconds; {
		case (got == nil) != (c.want == 0):
			t.Errorf("%s: %v, want %v", name, got, c.want)
		case got != nil && got.Median != c.want:
			t.Errorf("%s: %v s, want %v", name, got.Median, c.want)
		case s.EpochSeconds.Median >= 1000:
			t.Errorf("%s: the first epoch is counted as measured", name)
		}
	}
}

func TestMetrics(t *testing.T) {
	with := func(epochs ...map[string]record.Number) record.Launch {
		l := ok(1, 2)
		for i, m := range epochs {
			l.Epochs[i].Metrics = m
		}
		return l
	}
	type m = map[string]record.Number
	nan := record.Number(math.NaN())
	s, _ := Summarize(&record.Run{Launches: []record.Launch{
		with(m{"accuracy": 0.1, "auc": 1}, m{"accuracy": 0.2, "val_accuracy": 0.5}, m{"accuracy": 0.5, "auc": 1}),
		with(m{"accuracy": 0.1}, m{"accuracy": 0.2, "val_accuracy": 0.25}, m{"accuracy": 0.25, "auc": nan}),
		with(nil, nil, m{"accuracy": 0.75}),
	}})
	wanted := m{"accuracy": 0.5, "val_accuracy": 0.375, "auc": nan}
	for name, want := range wanted {
		if got, known := s.Metrics[name]; !known || got != want && !(math.IsNaN(float64(got)) && math.IsNaN(float64(want))) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if s, _ := Summarize(&record.Run{Launches: []record.Launch{ok(1)}}); s.Metrics != nil {
		t.Errorf("a model without metrics has %v", s.Metrics)
	}
}
