package stats

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

// ok is a launch with one warm-up epoch, far off, and measured ones.
func ok(seconds ...float64) record.Launch {
	l := record.Launch{Status: record.OK, Cold: record.Cold{FirstStep: 10 * seconds[0]}}
	l.Epochs = append(l.Epochs, record.Epoch{Warmup: true, Seconds: 1000, Step: 900, Steps: 4, Samples: 100, Loss: 9})
	for i, s := range seconds {
		l.Epochs = append(l.Epochs, record.Epoch{Index: i + 1, Seconds: s, Step: s / 2, Steps: 4, Samples: 100, Loss: record.Number(s)})
	}
	return l
}

func failed(status, reason string) record.Launch {
	l := ok(77, 78)
	l.Status, l.Reason = status, reason
	l.Memory.PeakRSS = 1 << 40
	return l
}

func TestSummary(t *testing.T) {
	a, b, c := ok(1, 3, 2), ok(4, 6), ok(3)
	b.Memory.PeakRSS = 200
	c.Memory.PeakRSS = 100
	run := &record.Run{Launches: []record.Launch{a, failed(record.OOM, "no memory"), b, c}}
	got, warnings := Summarize(run)
	want := &record.Summary{
		Launches:         3,
		EpochSeconds:     record.Interval{Median: 3, Low: record.Number(math.NaN()), High: record.Number(math.NaN())},
		MeanEpochSeconds: (1 + 3 + 2 + 4 + 6 + 3) / 6.0, // of epochs, not of launches
		StepSeconds:      3.0 / 2 / 4, ExamplesPerSecond: 100 / 3.0, FirstStepSeconds: 30, PeakRSS: 200, FinalLoss: 3,
	}
	nan := cmp.Comparer(func(x, y record.Number) bool {
		return x == y || math.IsNaN(float64(x)) && math.IsNaN(float64(y))
	})
	if diff := cmp.Diff(want, got, nan); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1 of 4 launches failed: oom (no memory)"}, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{5}, 5}, {[]float64{4, 2}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{8, 1, 4, 2}, 3},
		{[]float64{1, 1, 1, 100, 100}, 1}, {[]float64{0.5, 2.5, 1.5, 1e9}, 2},
	} {
		before := slices.Clone(c.values)
		if got := middle(c.values); got != c.want {
			t.Errorf("the median of %v is %v, want %v", c.values, got, c.want)
		}
		if !slices.Equal(before, c.values) {
			t.Errorf("%v was reordered to %v", before, c.values)
		}
	}
}

// The ranks are those of tables of the sign test, two-sided, 95 %.
func TestIntervalIsMadeOfOrderStatistics(t *testing.T) {
	for _, c := range []struct {
		n, low, high int
		confidence   float64
	}{
		{1, 0, 0, 0}, {5, 0, 0, 0},
		{6, 1, 6, 1 - 2.0/64},
		{7, 1, 7, 1 - 2.0/128},
		{8, 1, 8, 1 - 2.0/256}, // not 1 to 7: the slowest launch counts as much as the fastest
		{9, 2, 8, 1 - 2*10.0/512},
		{10, 2, 9, 1 - 2*11.0/1024},
		{20, 6, 15, 0.9586105346679688},
		{31, 10, 22, 0.970566},
		{100, 40, 61, 0.964800},
		{3000, 1446, 1555, 0.953434},
	} {
		values := make([]float64, c.n)
		for i := range values {
			values[i] = float64(i + 1)
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(c.n, func(i, j int) { values[i], values[j] = values[j], values[i] })
		got := median(values)
		if c.confidence == 0 {
			if got.Known() || !math.IsNaN(float64(got.Low)) || !math.IsNaN(float64(got.High)) {
				t.Errorf("%d launches give the interval %v", c.n, got)
			}
			continue
		}
		if float64(got.Low) != float64(c.low) || float64(got.High) != float64(c.high) || math.Abs(got.Confidence-c.confidence) > 1e-3 {
			t.Errorf("%d launches: ranks %v to %v cover %v, want %d to %d and %v", c.n, got.Low, got.High, got.Confidence, c.low, c.high, c.confidence)
		}
		if want := float64(c.n+1) / 2; got.Median != want {
			t.Errorf("%d launches: median %v, want %v", c.n, got.Median, want)
		}
	}
}

// The interval must cover the true median about as often as it says, whatever
// the distribution: here one with the long tail that times have.
func TestIntervalCovers(t *testing.T) {
	const trials = 4000
	for _, n := range []int{6, 10} {
		random := rand.New(rand.NewPCG(42, uint64(n)))
		covered := 0
		for range trials {
			values := make([]float64, n)
			for i := range values {
				values[i] = 1 + random.ExpFloat64()
			}
			if got := median(values); float64(got.Low) <= 1+math.Ln2 && 1+math.Ln2 <= float64(got.High) {
				covered++
			}
		}
		if share := float64(covered) / trials; share < 0.94 || share > 0.99 {
			t.Errorf("%d launches: the interval covers the median in %.1f %% of the trials", n, 100*share)
		}
	}
}

func TestNoSummaryWithoutAnOkLaunch(t *testing.T) {
	onlyWarmup := ok(1)
	onlyWarmup.Epochs = onlyWarmup.Epochs[:1]
	for _, c := range []struct {
		launches []record.Launch
		warnings []string
	}{
		{nil, nil},
		{[]record.Launch{onlyWarmup}, nil},
		{
			[]record.Launch{failed(record.OOM, "no memory"), failed(record.Timeout, ""), failed(record.OOM, "no memory")},
			[]string{"2 of 3 launches failed: oom (no memory)", "1 of 3 launches failed: timeout"},
		},
	} {
		got, warnings := Summarize(&record.Run{Launches: c.launches})
		if got != nil {
			t.Errorf("%d launches give %+v", len(c.launches), got)
		}
		if diff := cmp.Diff(c.warnings, warnings); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
	}
}

func TestInterruptionIsNoFailure(t *testing.T) {
	early := failed(record.Interrupted, "stopped before it was done")
	early.Epochs = early.Epochs[:1]
	_, warnings := Summarize(&record.Run{Launches: []record.Launch{ok(1), failed(record.Interrupted, "stopped before it was done"), early}})
	want := []string{
		"1 of 3 launches interrupted; measured epochs until then: 2, median 77.5 s, kept in the record and not counted",
		"1 of 3 launches interrupted before its first measured epoch",
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestSteal(t *testing.T) {
	for _, c := range []struct {
		steal float64
		want  string
	}{{0, ""}, {0.39, ""}, {0.41, "1 %"}, {6, "15 %"}, {400, "1000 %"}} {
		run := &record.Run{Launches: []record.Launch{ok(10, 10), ok(20), failed(record.OOM, "")}}
		run.Launches[0].Disturbance.Steal = c.steal / 2
		run.Launches[1].Disturbance.Steal = c.steal / 2
		_, warnings := Summarize(run)
		got := strings.Join(warnings[1:], "\n") // after that of the failure
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%v s stolen of 40: %q, want %q in it", c.steal, got, c.want)
		}
	}
}

// What a worker reports is not under control; the record must be saved anyway.
func TestSummaryOfOddEpochsCanBeWritten(t *testing.T) {
	for name, e := range map[string]record.Epoch{
		"no time":  {Steps: 4, Samples: 100},
		"no steps": {Seconds: 1, Step: 1, Samples: 100},
		"nothing":  {},
	} {
		t.Run(name, func(t *testing.T) {
			run := record.Run{Launches: []record.Launch{{Status: record.OK, Epochs: []record.Epoch{e}}}}
			run.Summary, run.Warnings = Summarize(&run)
			var out bytes.Buffer
			if err := (&record.Record{Schema: record.Schema, Runs: []record.Run{run}}).Write(&out); err != nil {
				t.Errorf("%v: %s", err, fmt.Sprintf("%+v", run.Summary))
			}
		})
	}
}
