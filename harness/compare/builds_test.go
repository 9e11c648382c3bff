package compare

import (
	"errors"
	"testing"

	"epochtime/harness/record"
)

// builtRecord is of two builds: the graph takes as long in both, and fit takes more times
// as long in the second. What fit leaves out is not compared.
func builtRecord(longer float64) *record.Record {
	rec := &record.Record{Plan: record.Plan{Kind: record.KindExplain, Blocks: 12}}
	for _, side := range []string{"A", "B"} {
		for _, c := range []record.Config{{}, {Runtime: record.RuntimeFit}, {Runtime: record.RuntimeFit, Pipeline: record.PipelineMemory}} {
			run := record.Run{Side: side, Graph: record.Graph{Name: "cnn", SHA256: "1"}, Config: c}
			for b := range 12 {
				seconds := 1 + 0.001*float64(b%3)
				switch {
				case side == "B" && c.Fits() && c.Pipeline == "":
					seconds *= longer
				case c.Pipeline != "":
					seconds *= 9
				}
				run.Launches = append(run.Launches, record.Launch{Status: record.OK, Block: b, Epochs: []record.Epoch{{Seconds: seconds, Samples: 10, Steps: 1}}})
			}
			rec.Runs = append(rec.Runs, run)
		}
	}
	return rec
}

func TestBuilds(t *testing.T) {
	for longer, want := range map[float64]Verdict{1: Same, 1.3: Slower} {
		c, err := Builds(builtRecord(longer), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Pairs) != 2 || c.Verdict() != want || c.Pairs[0].Verdict != Same {
			t.Errorf("fit takes %g times as long: %s, of %d pairs, the graph %s", longer, c.Verdict(), len(c.Pairs), c.Pairs[0].Verdict)
		}
	}
	failed := builtRecord(1)
	failed.Runs[4].Launches[3] = record.Launch{Status: record.Error, Reason: "it burst", Block: 3}
	if c, err := Builds(failed, Options{}); err != nil || !c.Failed() {
		t.Errorf("a launch that failed: %v", err)
	}
	one := builtRecord(1)
	one.Runs = one.Runs[:3]
	if _, err := Builds(one, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("one build: %v", err)
	}
}
