package store

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"epochtime/harness/compare"
	"epochtime/harness/record"
)

func TestNoiseFromHistory(t *testing.T) {
	s := fresh(t)
	if n, err := s.Noise(lab); n != nil || err != nil {
		t.Errorf("nothing is known, and Noise is %v, %v", n, err)
	}
	change := func(r *record.Record, how func(*record.Record)) *record.Record { how(r); return r }
	add(
		t, s,
		sample("1", "cnn", 0, 1, 6),
		sample("2", "cnn", 0.5, 5, 6), // too soon
		sample("3", "cnn", 1, 2, 6),
		sample("4", "cnn", 3, 1, 6),
		sample("5", "cnn", 4, 7, 5), // too few launches
		change(sample("6", "cnn", 5, 7, 6), func(r *record.Record) { r.Runs[0].Graph.SHA256 = "new" }),
		change(sample("7", "cnn", 6, 7, 6), func(r *record.Record) { r.Labels["commit"] = "new" }),
		change(sample("8", "cnn", 7, 7, 6), func(r *record.Record) { r.Runs[0].Config.Batch = 64 }),
		change(sample("9", "cnn", 8, 7, 6), func(r *record.Record) { r.Epochtime = "9" }),
		change(sample("a", "cnn", 9, 7, 6), func(r *record.Record) {
			for i := range r.Runs[0].Launches {
				r.Runs[0].Launches[i].TensorFlow = "3"
			}
		}),
		change(sample("b", "cnn", 10, 7, 6), func(r *record.Record) { r.Machines = []record.Machine{{Hostname: "other"}} }),
		change(sample("c", "cnn", 11, 4, 6), func(r *record.Record) { // not what changes an epoch's time
			r.Runs[0].Config.Epochs, r.Runs[0].Config.Seed = 9, 9
			r.Machines[0].Kernel = "new"
		}),
	)
	got, err := s.Noise(lab)
	if err != nil {
		t.Fatal(err)
	}
	want := &compare.Noise{Sessions: []float64{math.Log(2), math.Log(0.5), math.Log(4)}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("noise (-want +got):\n%s", diff)
	}
}

// What lies between two sessions is counted once, however many graphs they share.
func TestNoiseCountsAPairOfSessionsOnce(t *testing.T) {
	s := fresh(t)
	both := func(id string, hours, cnn, rnn float64) *record.Record {
		r := sample(id, "cnn", hours, cnn, 6)
		r.Runs = append(r.Runs, sample(id, "rnn", hours, rnn, 6).Runs...)
		return r
	}
	add(t, s, both("1", 0, 1, 1), both("2", 2, 1.5, 0.5), both("3", 4, 3, 0.75))
	got, err := s.Noise(lab)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{math.Log(0.5), math.Log(2)} // rnn's, then cnn's
	if diff := cmp.Diff(want, got.Sessions, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
}

func TestSaveNoise(t *testing.T) {
	s := fresh(t)
	for _, v := range []float64{0.5, 0.02} { // the last one counts
		if err := s.SaveNoise(lab, NoiseLaunches, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveNoise(lab, NoiseEpochs, 0.01); err != nil {
		t.Fatal(err)
	}
	got, err := s.Noise(lab)
	if diff := cmp.Diff(&compare.Noise{Epochs: 0.01, Launches: 0.02}, got); diff != "" || err != nil {
		t.Errorf("noise %v (-want +got):\n%s", err, diff)
	}
	if n, err := s.Noise(record.Machine{Hostname: "other"}); n != nil || err != nil {
		t.Errorf("another machine's: %v, %v", n, err)
	}
	for kind, value := range map[string]float64{"speed": 1, NoiseEpochs: math.NaN(), NoiseLaunches: -1} {
		if err := s.SaveNoise(lab, kind, value); err == nil || !strings.Contains(err.Error(), "lab") {
			t.Errorf("%s of %v: %v", kind, value, err)
		}
	}
}
