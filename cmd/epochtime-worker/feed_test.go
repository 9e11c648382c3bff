package main

import (
	"strings"
	"testing"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// sequencesFile holds 40 sequences of 1 to 5 tokens.
func sequencesFile(t *testing.T) string {
	t.Helper()
	var tokens, labels []int32
	var lengths []int64
	for i := range 40 {
		n := 1 + i%5
		lengths, labels = append(lengths, int64(n)), append(labels, int32(i%20))
		for k := range n {
			tokens = append(tokens, int32((i+k)%20))
		}
	}
	return datatest.Vectors(t, map[string]any{"x": tokens, "x.lengths": lengths, "y": labels})
}

// XLA compiles anew for every length, so varying lengths need --pad-to.
func TestVaryingLengthsUnderXLA(t *testing.T) {
	c := record.Config{Batch: 1, Epochs: 1, Device: "cpu", Data: []string{sequencesFile(t)}}
	out := job(t, protocol.Train, openGraph(t, "rnn-jit"), c, nil)
	if out.Failure == nil || out.Failure.Code != protocol.CodeData || !strings.Contains(out.Failure.Error(), "--pad-to 5") {
		t.Errorf("failure %v, want one of the data that names --pad-to", out.Failure)
	}
	c.PadTo = 8
	if out := trained(t, "rnn-jit", c); out.Launch.Epochs[0].Steps != 40 {
		t.Errorf("%+v, want 40 steps", out.Launch.Epochs[0])
	}
	c.PadTo = 0 // each length is a shape of its own without XLA
	if out := trained(t, "rnn", c); !(out.Launch.Cold.Compile > out.Launch.Cold.FirstStep) {
		t.Errorf("cold %+v, want first steps of five shapes", out.Launch.Cold)
	}
}

// Prefetching hides the preparation, and changes nothing that is trained on.
func TestPrefetchTrainsAlike(t *testing.T) {
	c := record.Config{
		Batch: 32, Samples: 320, Epochs: 2, Device: "cpu", Seed: 3, Shuffle: new(true), IntraOp: 1, InterOp: 1,
		Preprocess: []string{"x:flip", "x:shift=2", "x:brightness=0.1", "x:normalize=0.5,0.3"},
	}
	serial := trained(t, "cnn", c).Launch
	c.Prefetch, c.FeedThreads = 3, 2
	ahead := trained(t, "cnn", c).Launch
	if serial.Resolved.Prefetch != 0 || ahead.Resolved.Prefetch != 3 {
		t.Fatalf("prefetched %d and %d, want 0 and 3", serial.Resolved.Prefetch, ahead.Resolved.Prefetch)
	}
	for i := range serial.Epochs {
		a, b := serial.Epochs[i], ahead.Epochs[i]
		if d := float64(a.Loss - b.Loss); d > 1e-5 || d < -1e-5 {
			t.Errorf("epoch %d: losses %v and %v", i, a.Loss, b.Loss)
		}
		if a.Preprocess > a.Wait || b.Preprocess <= 0 {
			t.Errorf("epoch %d: work %v of waiting %v serially, %v ahead", i, a.Preprocess, a.Wait, b.Preprocess)
		}
	}
}

func TestPreprocessingThatDoesNotFit(t *testing.T) {
	for step, says := range map[string]string{
		"z:flip":    `"z"`,
		"y:flip":    "int32",
		"x:turn":    "x:turn",
		"x:one_hot": "vector of classes",
	} {
		out := job(t, protocol.Train, openGraph(t, "cnn"), record.Config{Epochs: 1, Device: "cpu", Preprocess: []string{step}}, nil)
		if out.Failure == nil || out.Failure.Code != protocol.CodeData || !out.Setup || !strings.Contains(out.Failure.Error(), says) {
			t.Errorf("%s: %v; want a failure of the data that says %s", step, out.Failure, says)
		}
	}
	out := job(t, protocol.Train, openGraph(t, "mlp"), record.Config{Epochs: 1, Device: "cpu", Data: []string{sequencesFile(t)}}, nil)
	if out.Failure == nil || !strings.Contains(out.Failure.Error(), "does not pad it") {
		t.Errorf("sequences for a graph of images: %v", out.Failure)
	}
}
