package report

import (
	"bytes"
	"strings"
	"testing"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// enduring is a record of a launch of 40 minutes, after half of which an epoch takes longer
// and heat slows the CPU.
func enduring(slower float64) *record.Record {
	r := record.Run{Graph: record.Graph{Name: "cnn"}, Config: record.Config{For: 2400, Warmup: 1, Feed: record.FeedBatches}}
	l := record.Launch{Status: record.OK, Epochs: []record.Epoch{{Warmup: true, Seconds: 9, Steps: 1, Samples: 1}}}
	at := 9.0
	for i := range 480 {
		seconds, c := 5+float64(i%3)/64, record.Conditions{Clock: 3900, Temperature: 65}
		if i >= 240 {
			seconds, c = seconds*slower, record.Conditions{Clock: 3900 / slower, Temperature: 95, Throttled: int64(i - 240)}
		}
		l.Epochs = append(l.Epochs, record.Epoch{Index: i + 1, Start: at, Seconds: seconds, Steps: 1, Samples: 1})
		l.Readings = append(l.Readings, record.Reading{At: at + seconds/2, Conditions: c})
		at += seconds
	}
	r.Launches = []record.Launch{l}
	out := &record.Record{Status: record.Complete, Plan: record.Plan{Kind: record.KindRun}, Runs: []record.Run{r}}
	for i := range out.Runs {
		out.Runs[i].Summary, out.Runs[i].Warnings = stats.Summarize(&out.Runs[i])
	}
	return out
}

func TestSustained(t *testing.T) {
	for name, c := range map[string]struct {
		slower float64
		want   []string
	}{
		"slows": {1.25, []string{
			"cnn, 480 epochs in 45m 8s:",
			"from     epoch time     clock    CPU  throttled",
			"0 s          5.02 s  3.90 GHz  65 °C    0 times",
			"This machine slows down by 25 % after about 20 minutes: cnn takes 5.02 s per",
		}},
		"holds": {1.01, []string{"This machine holds its speed: cnn takes 5.02 s per epoch in the first 5m 0s and"}},
	} {
		var out bytes.Buffer
		Record(&out, enduring(c.slower), Options{Width: 80})
		for _, want := range c.want {
			if !strings.Contains(out.String(), want+"\n") {
				t.Errorf("%s: there is no line %q:\n%s", name, want, out.String())
			}
		}
		if widest := Widest(out.String()); widest > 80 {
			t.Errorf("%s: %d columns:\n%s", name, widest, out.String())
		}
	}
}

func TestPlotOverTime(t *testing.T) {
	var out bytes.Buffer
	Strip(&out, enduring(1.25), 80)
	if text := out.String(); !strings.Contains(text, "\ncnn, epoch time over 45m 8s\n") || Widest(text) > 80 {
		t.Errorf("%s", text)
	}
	out.Reset()
	few := enduring(1)
	few.Runs[0].Launches[0].Epochs = few.Runs[0].Launches[0].Epochs[:2]
	Strip(&out, few, 80)
	if !strings.Contains(out.String(), "cnn, epoch time over 5.00 s") {
		t.Errorf("one epoch: %s", out.String())
	}
}

func TestEpochCount(t *testing.T) {
	if one, many := epochCount(1), epochCount(1200); one != "1 epoch" || many != "1,200 epochs" {
		t.Errorf("%q and %q", one, many)
	}
}
