package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"epochtime/harness/record"
)

// truth is a machine whose times are known.
type truth struct {
	epoch, step, example float64 // seconds
	caches               float64 // by which an example takes longer for each doubling of the batch
	launches, epochs     float64 // standard deviations of logs: between launches, and between epochs of one
	disturbed            float64 // share of epochs that take half as long again
}

// stepOf is what a step takes.
func (m truth) stepOf(batch int) float64 {
	return m.step + m.example*float64(batch)*(1+m.caches*math.Log2(float64(batch)))
}

// seconds is what an epoch takes.
func (m truth) seconds(batch, samples int) float64 {
	out := m.epoch + float64(samples/batch)*m.stepOf(batch)
	if last := samples % batch; last > 0 {
		out += m.stepOf(last)
	}
	return out
}

// launch is a launch of that machine.
func (m truth) launch(rng *rand.Rand, batch, samples, epochs, block int) record.Launch {
	l := record.Launch{
		Status: record.OK, Block: block, TensorFlow: "2.21.0",
		Resolved: record.Resolved{Batch: batch, Samples: samples, Steps: (samples + batch - 1) / batch, Executor: record.ThreadPool},
		Cold:     record.Cold{Start: 0.2 * math.Exp(0.1*rng.NormFloat64()), Load: 0.1, Data: 1e-6 * float64(samples), FirstStep: 0.05, Compile: 0.05},
		Memory:   record.Memory{PeakRSS: 300<<20 + 1000*uint64(samples) + uint64(rng.IntN(1<<20))},
	}
	own := math.Exp(m.launches * rng.NormFloat64())
	for e := range epochs + 1 {
		seconds := m.seconds(batch, samples) * own * math.Exp(m.epochs*rng.NormFloat64())
		switch long := m.seconds(batch, samples) > 5; {
		case long: // it has its share of disturbances
			seconds *= 1 + m.disturbed/2
		case rng.Float64() < m.disturbed:
			seconds *= 1.5
		}
		if e == 0 {
			seconds *= 1.2
		}
		l.Epochs = append(l.Epochs, record.Epoch{Index: e, Warmup: e == 0, Seconds: seconds, Wait: 0.01 * seconds, Steps: l.Resolved.Steps, Samples: samples})
		l.Wall += seconds
	}
	l.Wall += 0.4
	return l
}

// session probes as a session does.
func (m truth) session(rng *rand.Rand, a record.Asked, blocks int) *record.Record {
	e := record.Estimate{Asked: a, Data: 1000}
	rec := &record.Record{Schema: record.Schema, ID: "1", Status: record.Complete, Plan: record.Plan{Kind: record.KindEstimate, Blocks: blocks}, Estimate: &e, Machines: []record.Machine{{Hostname: "lab"}}}
	pilot, err := Pilot(e)
	if err != nil {
		panic(err)
	}
	first := m.launch(rng, pilot.Batch, pilot.Samples, Epochs, 0)
	rec.Runs = []record.Run{runOf(pilot, first)}
	sizes, err := Probes(e, first, blocks, false)
	if err != nil {
		panic(err)
	}
	for _, s := range sizes {
		var list []record.Launch
		for block := range blocks {
			list = append(list, m.launch(rng, s.Batch, s.Samples, Epochs, block))
		}
		rec.Runs = append(rec.Runs, runOf(s, list...))
	}
	return rec
}

func runOf(s Size, launches ...record.Launch) record.Run {
	return record.Run{
		Graph:  record.Graph{Name: "cnn", SHA256: "a"},
		Config: record.Config{Batch: s.Batch, Samples: s.Samples, Epochs: Epochs, Warmup: Warmup, Feed: record.FeedBatches}, Launches: launches,
	}
}

// machines are a slow one and a fast one, each quiet and disturbed.
var machines = map[string]truth{
	"quiet":     {epoch: 1e-3, step: 5e-4, example: 1e-4, caches: 0.02, launches: 0.02, epochs: 0.01},
	"usual":     {epoch: 1e-3, step: 5e-4, example: 1e-4, caches: 0.02, launches: 0.08, epochs: 0.03},
	"disturbed": {epoch: 1e-3, step: 5e-4, example: 1e-4, caches: 0.02, launches: 0.08, epochs: 0.05, disturbed: 0.1},
	"fast":      {epoch: 5e-5, step: 1e-5, example: 2e-8, launches: 0.08, epochs: 0.05},
	"slow":      {step: 0.2, example: 2e-2, launches: 0.05, epochs: 0.02},
}

// The stated interval holds one more launch about as often as it says, where the truth is
// known, and the answer is near that truth.
func TestCoverage(t *testing.T) {
	const sessions = 400
	for name, m := range machines {
		rng := rand.New(rand.NewPCG(7, uint64(len(name))))
		var off, width []float64
		held := 0
		for range sessions {
			a := record.Asked{Samples: 200_000 + rng.IntN(1_000_000), Batch: 1 << (4 + rng.IntN(6)), Epochs: 3}
			rec := m.session(rng, a, 4)
			if err := Fill(rec); err != nil {
				t.Fatalf("%s, %+v: %v", name, a, err)
			}
			e := rec.Estimate.Epoch
			seen, _ := launchOf(m.launch(rng, a.Batch, a.Samples, Epochs, 0))
			next := seen.epoch
			if float64(e.Low) <= next && next <= float64(e.High) {
				held++
			}
			off = append(off, math.Abs(e.Median/m.seconds(a.Batch, a.Samples)-1))
			width = append(width, float64(e.High)/e.Median-1)
		}
		slices.Sort(off)
		slices.Sort(width)
		covered := float64(held) / sessions
		t.Logf("%s: covered %.3f, off by %.3f (median) and %.3f (90 %%), half width %.3f", name, covered, off[sessions/2], off[sessions*9/10], width[sessions/2])
		if covered < 0.88 {
			t.Errorf("%s: the interval held %.1f %% of launches, which is to be 90", name, 100*covered)
		}
		if limit := 0.02 + 1.2*m.launches; off[sessions*9/10] > limit {
			t.Errorf("%s: 1 of 10 estimates is off by %.3f and more, the limit is %.3f", name, off[sessions*9/10], limit)
		}
		if limit := 0.15 + 3*m.launches; width[sessions/2] > limit {
			t.Errorf("%s: the interval is %.2f to a side, which says nothing", name, width[sessions/2])
		}
	}
}

// Without noise the answer is the truth, with a short last step too.
func TestExact(t *testing.T) {
	m := truth{epoch: 2e-3, step: 1e-3, example: 1e-4}
	for _, a := range []record.Asked{
		{Samples: 1_200_000, Batch: 256, Epochs: 90}, {Samples: 1_200_001, Batch: 256, Epochs: 1}, {Samples: 1000, Batch: 1, Epochs: 1},
		{Samples: 100, Batch: 256, Epochs: 1}, {Samples: 5, Batch: 2, Epochs: 1}, {Samples: 1, Batch: 1, Epochs: 1}, {Samples: 600, Batch: 0, Epochs: 2},
		{Samples: Most, Batch: 256, Epochs: Most},
	} {
		rec := m.session(rand.New(rand.NewPCG(1, 1)), a, 2)
		if err := Fill(rec); err != nil {
			t.Errorf("%+v: %v", a, err)
			continue
		}
		want := m.seconds(batchOf(a), a.Samples)
		if got := rec.Estimate.Epoch.Median; math.Abs(got/want-1) > 0.01 {
			t.Errorf("%+v: %g s, want %g", a, got, want)
		}
		sum := 0.0
		for _, p := range rec.Estimate.Parts {
			if p.Name != record.PartWaiting {
				sum += p.Seconds
			}
		}
		if got := rec.Estimate.Epoch.Median; math.Abs(sum/got-1) > 1e-6 {
			t.Errorf("%+v: the parts add up to %g of %g s", a, sum, got)
		}
		if err := rec.Validate(); err != nil && len(rec.Runs[0].Launches) > 0 {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

// What is of an example, a step and an epoch is told apart.
func TestParts(t *testing.T) {
	m := truth{epoch: 5e-3, step: 2e-3, example: 1e-4}
	rec := m.session(rand.New(rand.NewPCG(1, 1)), record.Asked{Samples: 64_000, Batch: 64, Epochs: 1}, 3)
	if err := Fill(rec); err != nil {
		t.Fatal(err)
	}
	for _, p := range rec.Estimate.Parts {
		want := map[string]float64{record.PartExamples: 1e-4, record.PartSteps: 2e-3, record.PartEpoch: 5e-3}[p.Name]
		if want > 0 && math.Abs(p.Each/want-1) > 0.02 {
			t.Errorf("%s: %g s each, want %g", p.Name, p.Each, want)
		}
	}
	if e := rec.Estimate; e.Memory == nil || math.Abs(e.Memory.Median/(300<<20+64e6)-1) > 0.01 {
		t.Errorf("memory: %+v", e.Memory)
	}
}

// The usual error of the model is what it is off by where caches make examples dearer.
func TestMeanOfSessions(t *testing.T) {
	m := machines["usual"]
	rng := rand.New(rand.NewPCG(3, 3))
	var logs []float64
	a := record.Asked{Samples: 500_000, Batch: 128, Epochs: 1}
	for range 200 {
		rec := m.session(rng, a, 4)
		if err := Fill(rec); err != nil {
			t.Fatal(err)
		}
		logs = append(logs, math.Log(rec.Estimate.Epoch.Median/m.seconds(a.Batch, a.Samples)))
	}
	if mean := stat.Mean(logs, nil); math.Abs(mean) > 0.02 {
		t.Errorf("estimates are off by %.1f %% on average", 100*mean)
	}
}
