package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"epochtime/harness/record"
)

// levels is a record of a default and what changes make of it.
func levels(base record.Run, changes ...record.Run) *record.Record {
	r := recordOf("f", append([]record.Run{base}, changes...)...)
	r.Plan.Kind = record.KindFactors
	return r
}

func level(name string, r record.Run) record.Run {
	r.Factor = &record.Factor{Name: name, From: "1", To: "2"}
	return r
}

func TestEffects(t *testing.T) {
	more := level("data", runOf("cnn", steady(8, 2)...))
	for i := range more.Launches {
		more.Launches[i].Epochs[1].Samples = 200
	}
	broken := level("xla", runOf("cnn"))
	broken.Launches = []record.Launch{{Status: record.OOM, Reason: "no memory"}}
	got := EffectsOf(levels(runOf("cnn", steady(8, 1)...), level("threads", runOf("cnn", 1, 0.999, 1.002, 1.001, 0.998, 1.003, 1.001, 1.002)), level("batch", runOf("cnn", steady(8, 0.25)...)), more, broken))
	var names []string
	for _, e := range got {
		name := e.Factor.Name
		if e.PerExample {
			name += "/example"
		}
		names = append(names, name)
	}
	if want := []string{"batch", "data", "threads", "data/example", "xla"}; !slices.Equal(names, want) {
		t.Fatalf("%q, want %q", names, want)
	}
	for i, want := range []struct {
		ratio float64
		clear bool
	}{{0.25, true}, {2, true}, {1, false}, {1, false}} {
		e := got[i]
		if math.Abs(e.Ratio.Median-want.ratio) > 0.01*want.ratio || e.Significant != want.clear || !e.Ratio.Known() || e.Ratio.Confidence != 0.95 {
			t.Errorf("%s: %+v, want %v", names[i], e, want)
		}
		if excludes := e.Ratio.Low >= 1 || e.Ratio.High <= 1; want.clear != excludes && e.Ratio.Low != e.Ratio.High {
			t.Errorf("%s: the interval %v to %v does not say what the test says", names[i], e.Ratio.Low, e.Ratio.High)
		}
	}
	if e := got[4]; e.Failure != "out of memory: no memory" || !math.IsNaN(e.Ratio.Median) || e.Significant || e.P != 1 {
		t.Errorf("what failed: %+v", e)
	}
	for name, r := range map[string]*record.Record{"nothing": nil, "another kind": recordOf("r", runOf("cnn", 1)), "no runs": levels(runOf("cnn"), nil...)} {
		if got := EffectsOf(r); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := EffectsOf(levels(runOf("cnn", 1, 1), level("batch", runOf("cnn", 3, 3)))); got[0].Ratio.Known() || got[0].Significant || math.Abs(got[0].Ratio.Median-3) > 1e-9 {
		t.Errorf("two blocks: %+v", got[0])
	}
}

// Where nothing has an effect, in at most 5 % of records is any called clear, or does any
// interval miss 1.
func TestEffectsOfNothing(t *testing.T) {
	const records = 400
	rng := rand.New(rand.NewPCG(1, 2))
	drawn := func() record.Run {
		seconds := make([]float64, 8)
		for i := range seconds {
			seconds[i] = math.Exp(0.02 * rng.NormFloat64())
		}
		return runOf("cnn", seconds...)
	}
	clear, missed := 0, 0
	for range records {
		var changes []record.Run
		for range 12 {
			changes = append(changes, level("batch", drawn()))
		}
		effects := EffectsOf(levels(drawn(), changes...))
		if slices.ContainsFunc(effects, func(e Effect) bool { return e.Significant }) {
			clear++
		}
		if slices.ContainsFunc(effects, func(e Effect) bool { return e.Ratio.Low > 1 || e.Ratio.High < 1 }) {
			missed++
		}
	}
	const most = records*5/100 + 10 // three standard deviations
	if clear > most || missed > most {
		t.Errorf("of %d records, %d call an effect clear, and %d have an interval without 1", records, clear, missed)
	}
	if clear == 0 {
		t.Error("nothing is ever called clear: the procedure is not at its rate")
	}
}

// A change that only Holm's procedure tells from none has an interval that ends at 1.
func TestEffectIntervalsEndAtOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	ended := 0
	for range 300 {
		noisy := func(level float64) []float64 {
			out := make([]float64, 12)
			for i := range out {
				out[i] = level * math.Exp(0.03*rng.NormFloat64())
			}
			return out
		}
		changes := []record.Run{level("batch", runOf("cnn", noisy(1.04)...))}
		for range 6 {
			changes = append(changes, level("data", runOf("cnn", noisy(2)...)))
		}
		for _, e := range EffectsOf(levels(runOf("cnn", noisy(1)...), changes...)) {
			if e.Significant && e.Ratio.Low < 1 && e.Ratio.High > 1 || !e.Significant && (e.Ratio.Low > 1 || e.Ratio.High < 1) {
				t.Fatalf("clear: %v, and the interval is %v to %v", e.Significant, e.Ratio.Low, e.Ratio.High)
			}
			if e.Significant && (e.Ratio.Low == 1 || e.Ratio.High == 1) {
				ended++
			}
		}
	}
	if ended == 0 {
		t.Error("no interval ends at 1: the case was not met")
	}
}
