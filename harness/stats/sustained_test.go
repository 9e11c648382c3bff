package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"epochtime/harness/record"
)

// long is a launch of n epochs that depend on each other: each is so much like the one
// before, and takes about the seconds that level says of its share of the launch.
func long(seed uint64, n int, like float64, level func(share float64) float64) record.Launch {
	rng := rand.New(rand.NewPCG(seed, 7))
	var seconds []float64
	off := 0.0
	for i := range n {
		off = like*off + math.Sqrt(1-like*like)*0.03*rng.NormFloat64()
		seconds = append(seconds, level(float64(i)/float64(n))*math.Exp(off))
	}
	return trained(0, seconds...)
}

func steady(float64) float64 { return 0.5 }

func TestSustained(t *testing.T) {
	slows := func(share float64) float64 {
		if share > 0.4 {
			return 0.6
		}
		return 0.5
	}
	for name, c := range map[string]struct {
		level func(float64) float64
		want  Pace
	}{
		"holds":  {steady, PaceHolds},
		"slower": {slows, PaceSlower},
		"faster": {func(share float64) float64 { return 1 / slows(share) }, PaceFaster},
	} {
		s, ok := SustainedOf(long(1, 800, 0.5, c.level))
		if !ok || s.Pace != c.want || s.Epochs != 800 || !s.Ratio.Known() {
			t.Errorf("%s: %+v", name, s)
		}
	}
	s, _ := SustainedOf(long(1, 800, 0.5, slows))
	if s.Ratio.Low > 1.2 || s.Ratio.High < 1.2 || math.Abs(s.First-0.5) > 0.01 || math.Abs(s.Last-0.6) > 0.01 || math.Abs(s.Changed-160) > 15 || math.Abs(s.Part-s.Seconds/4) > 1e-9 {
		t.Errorf("it slows by a fifth after 160 s: %+v", s)
	}
}

// Of epochs that depend on each other, the interval has the truth about as often as it
// says. That of single epochs would have it in half of these launches.
func TestSustainedCovers(t *testing.T) {
	const launches = 400
	missed := 0
	for seed := range uint64(launches) {
		s, _ := SustainedOf(long(seed, 2000, 0.8, steady))
		if s.Ratio.Low > 1 || s.Ratio.High < 1 {
			missed++
		}
	}
	if missed < launches/100 || missed > launches*8/100 {
		t.Errorf("%d of %d intervals of 95 %% miss", missed, launches)
	}
}

func TestSustainedOfLittle(t *testing.T) {
	if _, ok := SustainedOf(record.Launch{}); ok {
		t.Error("no epoch")
	}
	s, ok := SustainedOf(trained(0, 3))
	if !ok || s.Pace != PaceUnclear || s.Ratio.Known() || s.First != 3 || s.Last != 3 || s.Epochs != 1 {
		t.Errorf("one epoch: %+v", s)
	}
	same, ok := SustainedOf(trained(0, make([]float64, 50)...)) // epochs without time
	if ok {
		t.Errorf("%+v", same)
	}
	equal := make([]float64, 40)
	for i := range equal {
		equal[i] = 2
	}
	if s, _ := SustainedOf(trained(0, equal...)); s.Pace != PaceHolds || s.Ratio.Low != 1 || s.Ratio.High != 1 {
		t.Errorf("equal epochs: %+v", s)
	}
	some := trained(0, equal...)
	some.EpochsDone = 160
	if s, _ := SustainedOf(some); s.Epochs != 160 {
		t.Errorf("of 160 epochs, some are kept: %+v", s)
	}
}

func TestSlices(t *testing.T) {
	l := trained(0, 1, 1, 2, 2, 2)
	l.Cold.Start = 10
	read := func(at, clock, heat float64, throttled int64) {
		l.Readings = append(l.Readings, record.Reading{At: at, Conditions: record.Conditions{Clock: clock, Temperature: heat, Throttled: throttled}})
	}
	read(10.5, 9000, 99, 1) // before the measured epochs, which begin at 11
	read(12, 4000, 60, 5)
	read(13, 3000, 61, 5)
	read(17, 2000, 80, 8)
	l.Readings[3].Power = []record.Power{{Domain: "package-0", Watts: 100}, {Domain: "dram-0", Watts: 20}, {Domain: record.DomainPlatform, Watts: 200}}
	l.Readings[3].GPUs = []record.GPUCondition{{Clock: 1900, Temperature: 70, Power: 300}}
	got := Slices(l, 2)
	want := []Slice{
		{From: 0, To: 4, Epochs: 3, Seconds: 1, Clock: 3500, Heat: 61},
		{From: 4, To: 8, Epochs: 2, Seconds: 2, Clock: 2000, Heat: 80, Throttled: 3, GPUClock: 1900, GPUHeat: 70, Watts: 420},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
	if got := Slices(l, 40); len(got) != 40 || !math.IsNaN(got[1].Seconds) || got[1].Epochs != 0 {
		t.Errorf("more slices than epochs: %+v", got[:2])
	}
	if Slices(record.Launch{}, 3) != nil || Slices(l, 0) != nil {
		t.Error("slices of nothing")
	}
}
