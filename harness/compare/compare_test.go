package compare

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// runOf has one launch a block, of these epoch times.
func runOf(name string, seconds ...float64) record.Run {
	r := record.Run{Graph: record.Graph{Name: name, SHA256: "5a" + name}, Config: record.Config{Batch: 32, Device: "cpu", Epochs: 1, Feed: record.FeedBatches}}
	for block, s := range seconds {
		r.Launches = append(r.Launches, record.Launch{
			Status: record.OK, Block: block, TensorFlow: "2.21.0",
			Epochs: []record.Epoch{{Warmup: true, Seconds: 99, Samples: 100}, {Seconds: s, Samples: 100}},
		})
	}
	return r
}

// steady are n times around a level, each 0.1 % from the next.
func steady(n int, level float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = level * (1 + 0.001*float64(i%3))
	}
	return out
}

func recordOf(id string, runs ...record.Run) *record.Record {
	return &record.Record{
		Schema: record.Schema, ID: id, Epochtime: "0.1.0", Status: record.Complete, Plan: record.Plan{Kind: record.KindRun}, Runs: runs,
		Machines: []record.Machine{{Hostname: "node7", CPU: "Some CPU", Cores: 2}},
	}
}

func TestRule(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name              string
		median, low, high float64
		significant       bool
		want              Verdict
	}{
		{"clearly slower", 1.2, 1.1, 1.3, true, Slower},
		{"slower, but less than matters", 1.04, 1.02, 1.06, true, Inconclusive},
		{"just what matters", 1.05, 1.01, 1.09, true, Inconclusive},
		{"large, not significant", 1.5, 0.9, 2.5, true, Inconclusive},
		{"not significant among many", 1.2, 1.1, 1.3, false, Inconclusive},
		{"clearly faster", 0.8, 0.7, 0.9, true, Faster},
		{"faster, but less than matters", 0.96, 0.94, 0.99, true, Inconclusive},
		{"not significant among many", 0.8, 0.7, 0.9, false, Inconclusive},
		{"the same", 1.0, 0.97, 1.03, false, Same},
		{"a real, small change", 1.02, 1.01, 1.03, true, Same},
		{"the whole threshold", 1, 1 / 1.05, 1.05, false, Same},
		{"beyond it above", 1, 0.97, 1.0501, false, Inconclusive},
		{"beyond it below", 1, 0.952, 1.01, false, Inconclusive},
		{"no interval", 1.5, nan, nan, true, Inconclusive},
	} {
		p := Pair{Base: new(record.Run), New: new(record.Run), Ratio: stats.Ratio{Median: c.median, Low: c.low, High: c.high, Confidence: 0.99, Blocks: 10}}
		if math.IsNaN(c.low) {
			p.Ratio.Confidence = 0
		}
		p.decide(Options{}, c.significant)
		if p.Verdict != c.want {
			t.Errorf("%s: %s, want %s", c.name, p.Verdict, c.want)
		}
		if decided := p.Verdict != Inconclusive; decided != (p.Needed == 0) {
			t.Errorf("%s: %s, and needs %d launches", c.name, p.Verdict, p.Needed)
		}
	}
}

func TestSides(t *testing.T) {
	drifting := []float64{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5}
	scaled := func(by float64) []float64 {
		out := slices.Clone(drifting)
		for i := range out {
			out[i] *= by * (1 + 0.001*float64(i%3-1))
		}
		return out
	}
	for _, c := range []struct {
		name      string
		base, new record.Run
		o         Options
		want      Verdict
		doubt     string
		needed    int
	}{
		{"drift hides nothing", runOf("g", drifting...), runOf("g", scaled(1.1)...), Options{}, Slower, "", 0},
		{"exchanged", runOf("g", scaled(1.1)...), runOf("g", drifting...), Options{}, Faster, "", 0},
		{"a higher threshold", runOf("g", drifting...), runOf("g", scaled(1.1)...), Options{Threshold: 0.2}, Same, "", 0},
		{"equal", runOf("g", drifting...), runOf("g", drifting...), Options{}, Same, "", 0},
		{"five launches", runOf("g", drifting[:5]...), runOf("g", scaled(1.1)...), Options{}, Inconclusive, "5 blocks with both sides: a verdict takes 6", 8},
		{"five launches, known noise", runOf("g", drifting[:5]...), runOf("g", scaled(1.1)...), Options{Noise: &Noise{Launches: 0.02}}, Inconclusive, "", 9},
		{"left out", runOf("g", drifting...), runOf("g", scaled(1.1)[:8]...), Options{}, Slower, "2 launches without a partner in the same block", 0},
		{"no launch", runOf("g", drifting...), runOf("g"), Options{}, Inconclusive, "0 blocks", 8},
	} {
		p := Sides(&c.base, &c.new, c.o)
		if p.Verdict != c.want || p.Needed != c.needed {
			t.Errorf("%s: %s, %d needed, want %s, %d: %+v", c.name, p.Verdict, p.Needed, c.want, c.needed, p.Ratio)
		}
		if !strings.Contains(strings.Join(p.Doubts, "\n"), c.doubt) || c.doubt == "" && c.want != Inconclusive && len(p.Doubts) > 0 {
			t.Errorf("%s: doubts %q, want %q", c.name, p.Doubts, c.doubt)
		}
	}
}

// A launch that failed is evidence, whatever the others took.
func TestFailedLaunchesAreEvidence(t *testing.T) {
	fail := func(r record.Run, status, signal, reason string, launches ...int) record.Run {
		for _, i := range launches {
			l := &r.Launches[i]
			l.Status, l.Signal, l.Reason, l.Epochs = status, signal, reason, nil
		}
		return r
	}
	equal := func() record.Run { return runOf("g", steady(10, 1)...) }
	for name, c := range map[string]struct {
		base, new record.Run
		o         Options
		want      string
	}{
		"none": {equal(), equal(), Options{}, ""},
		"every third": {
			equal(), fail(equal(), record.Killed, "segmentation fault", "", 1, 4, 7), Options{},
			"3 of 10 launches of B crashed (segmentation fault). B 3 of 10, A 0 of 10: p = 0.21 if both fail equally often; with 10 launches a side, failures of 26 % of launches or more show.",
		},
		"of the base":  {fail(equal(), record.Error, "", "no such file\nmore", 0), equal(), Options{}, "1 of 10 launches of A failed (no such file). B 0 of 10, A 1 of 10: p = 1 if"},
		"of both":      {fail(equal(), record.OOM, "", "", 0), fail(equal(), record.Timeout, "", "", 0, 2), Options{}, "2 of 10 launches of B timed out; 1 of 10 launches of A ran out of memory. B 2 of 10, A 1 of 10:"},
		"two causes":   {equal(), fail(fail(equal(), record.Nonfinite, "", "", 0, 1), record.Killed, "", "", 3), Options{}, "3 of 10 launches of B failed: 2 had a loss that is not finite, 1 died."},
		"from without": {equal(), fail(equal(), record.Killed, "killed", "", 3), Options{}, "1 of 10 launches of B died (killed)."},
		"no reason":    {equal(), fail(equal(), record.Error, "", "", 3), Options{}, "1 of 10 launches of B failed. "},
		"interrupted":  {equal(), fail(equal(), record.Interrupted, "", "", 9), Options{}, ""},
		"a sweep's":    {equal(), fail(equal(), record.OOM, "", "", 9), Options{oomIsResult: true}, ""},
		"no time":      {equal(), timeless(equal(), 9), Options{}, "1 of 10 launches of B measured no epoch."},
		"no epoch":     {equal(), fail(equal(), record.OK, "", "", 9), Options{}, "1 of 10 launches of B measured no epoch."},
	} {
		p := Sides(&c.base, &c.new, c.o)
		got := p.Failures.String()
		if (p.Failures == nil) != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if failed := (&Comparison{Pairs: []Pair{p}}).Failed(); failed != (c.want != "") {
			t.Errorf("%s: the comparison failed: %v", name, failed)
		}
	}
}

// timeless returns a run one launch of which says that its epochs took no time.
func timeless(r record.Run, launch int) record.Run {
	for i := range r.Launches[launch].Epochs {
		r.Launches[launch].Epochs[i].Seconds = 0
	}
	return r
}

// A launch that did not end, such as one that the time limit cut, may be what changed:
// without it there is no "same" and no "faster".
func TestCutLaunchesDoNotPass(t *testing.T) {
	for name, c := range map[string]struct {
		seconds float64
		cut     func(base, changed *record.Run)
		want    Verdict
	}{
		"whole":          {1, func(_, _ *record.Run) {}, Same},
		"cut":            {1, func(_, b *record.Run) { b.Launches[9].Status = record.Interrupted }, Inconclusive},
		"faster, cut":    {0.5, func(_, b *record.Run) { b.Launches[9].Status = record.Interrupted }, Inconclusive},
		"slower, cut":    {2, func(_, b *record.Run) { b.Launches[9].Status = record.Interrupted }, Slower},
		"no counterpart": {1, func(_, b *record.Run) { b.Launches = b.Launches[:9] }, Inconclusive},
		"cut, then again": {1, func(_, b *record.Run) {
			again := b.Launches[9]
			b.Launches[9].Status, b.Launches[9].Epochs = record.Interrupted, nil
			b.Launches = append(b.Launches, again)
		}, Same},
	} {
		base, changed := runOf("g", steady(10, 1)...), runOf("g", steady(10, c.seconds)...)
		c.cut(&base, &changed)
		if p := Sides(&base, &changed, Options{}); p.Verdict != c.want {
			t.Errorf("%s: %s, want %s; %q", name, p.Verdict, c.want, p.Doubts)
		}
	}
}

func TestSamplesDiffer(t *testing.T) {
	base, changed := runOf("g", steady(10, 1)...), runOf("g", steady(10, 2)...)
	for i := range changed.Launches {
		changed.Launches[i].Epochs[1].Samples = 200
	}
	if p := Sides(&base, &changed, Options{}); !p.PerExample || p.Verdict != Same {
		t.Errorf("twice the examples in twice the time: %+v", p)
	}
}

// Exchanging the sides exchanges faster and slower, but for the certainty that
// faster takes more of.
func TestVerdictsMirror(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	opposite := map[Verdict][]Verdict{Slower: {Faster, Inconclusive}, Faster: {Slower}, Same: {Same}, Inconclusive: {Inconclusive, Slower}}
	seen := map[Verdict]int{}
	for range 2000 {
		a, b := make([]float64, 10), make([]float64, 10)
		change := math.Exp(0.2 * random.NormFloat64())
		for i := range a {
			a[i], b[i] = math.Exp(0.05*random.NormFloat64()), change*math.Exp(0.05*random.NormFloat64())
		}
		base, changed := runOf("g", a...), runOf("g", b...)
		there, back := Sides(&base, &changed, Options{}).Verdict, Sides(&changed, &base, Options{}).Verdict
		if seen[there]++; !slices.Contains(opposite[there], back) {
			t.Fatalf("%s, and exchanged %s", there, back)
		}
	}
	if len(seen) < 3 {
		t.Errorf("only %v were found: this tests little", seen)
	}
}

func TestJobsVerdict(t *testing.T) {
	for want, lists := range map[Verdict][][]Verdict{
		Slower: {{Slower}, {Faster, Slower, Inconclusive}}, Inconclusive: {nil, {Same, Inconclusive, Faster}},
		Faster: {{Same, Faster}}, Same: {{Same, Same}},
	} {
		for _, list := range lists {
			c := &Comparison{}
			for _, v := range list {
				c.Pairs = append(c.Pairs, Pair{Verdict: v})
			}
			if got := c.Verdict(); got != want {
				t.Errorf("%q is %s, want %s", list, got, want)
			}
		}
	}
}

// What one configuration shows clearly is not enough among a hundred, unless it
// is clearer still.
func TestManyConfigurations(t *testing.T) {
	job := func(slowed float64) *Comparison {
		var base, changed []record.Run
		for i := range 100 {
			name := string(rune('A'+i/26)) + string(rune('a'+i%26))
			base = append(base, runOf(name, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
			changed = append(changed, runOf(name, 1.12, 0.88, 1.03, 0.97, 1.06, 0.94, 1.01, 0.99, 1.05, 0.95))
		}
		for i := range changed[7].Launches {
			changed[7].Launches[i].Epochs[1].Seconds += slowed
		}
		c, err := Records(recordOf("1", base...), recordOf("1", changed...), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := job(0.13); c.Pairs[7].Verdict != Inconclusive || !strings.Contains(strings.Join(c.Pairs[7].Doubts, ""), "among 100 configurations") {
		t.Errorf("clear alone: %s, %+v, %q", c.Pairs[7].Verdict, c.Pairs[7].Ratio, c.Pairs[7].Doubts)
	}
	if c := job(0.8); c.Verdict() != Slower || c.Pairs[6].Verdict != Inconclusive {
		t.Errorf("very clear: %s", c.Verdict())
	}
}

func TestSessions(t *testing.T) {
	base, changed := recordOf("1", runOf("g", steady(6, 1)...)), recordOf("2", runOf("g", steady(6, 1.5)...))
	for _, c := range []struct {
		name     string
		sessions []float64
		want     Verdict
		doubt    string
	}{
		{"no noise known", nil, Inconclusive, "is known from 0 comparisons an hour or more apart, and a verdict takes 8"},
		{"seven known", make([]float64, 7), Inconclusive, "is known from 7 comparisons"},
		{"eight quiet ones", []float64{.02, -.02, .02, -.02, .02, -.02, .02, -.02}, Slower, "what two sessions differ by"},
		{"eight as far apart", []float64{.3, -.3, .2, -.2, .3, -.3, .2, -.2}, Inconclusive, "more launches do not narrow"},
	} {
		got, err := Records(base, changed, Options{Noise: &Noise{Sessions: c.sessions}})
		if err != nil {
			t.Fatal(err)
		}
		if got.SameSession || got.Verdict() != c.want || !strings.Contains(strings.Join(got.Doubts, "\n"), c.doubt) || got.Pairs[0].Needed != 0 {
			t.Errorf("%s: %s, %+v, doubts %q", c.name, got.Verdict(), got.Pairs[0].Ratio, got.Doubts)
		}
	}
}

// Two machines share no session, and each has noise of its own.
func TestSessionsOfTwoMachines(t *testing.T) {
	base, changed := recordOf("1", runOf("g", 1)), recordOf("2", runOf("g", 1.5))
	changed.Machines[0].Hostname = "node8"
	for _, sessions := range [][]float64{nil, {.02, -.02, .02, -.02, .02, -.02, .02, -.02}} {
		got, err := Records(base, changed, Options{Noise: &Noise{Sessions: sessions}})
		if err != nil {
			t.Fatal(err)
		}
		doubts := strings.Join(got.Doubts, "\n")
		if !got.TwoMachines || strings.Contains(doubts, "in one session") || strings.Contains(doubts, "this machine's noise") || !strings.Contains(doubts, "no session can hold two") {
			t.Errorf("%d sessions: %v, doubts %q", len(sessions), got.TwoMachines, got.Doubts)
		}
	}
	ranked, err := Rank([]Named{{"a", base}, {"b", base}, {"c", changed}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if doubts := strings.Join(ranked.Doubts, "\n"); !strings.Contains(doubts, "no session can hold two machines") {
		t.Errorf("ranked: %q", doubts)
	}
}

func TestMatching(t *testing.T) {
	small, large, only, other := runOf("cnn", 1), runOf("cnn", 2), runOf("rnn", 3), runOf("lstm", 4)
	large.Config.Batch = 64
	gone := runOf("cnn", 5)
	gone.Config.Batch = 128
	changed := only
	changed.Config.IntraOp, changed.Config.Epochs = 1, 7
	longer := small
	longer.Config.Epochs = 9
	c, err := Records(recordOf("1", small, large, gone, only), recordOf("2", other, changed, large, longer), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.Pairs {
		got = append(got, p.Title+": "+strings.Join(p.Doubts, "; "))
	}
	want := []string{
		"cnn, batch 64, epochs 1: ", "cnn, batch 32, epochs 9: different epochs: 1 against 9",
		"rnn: different epochs: 1 against 7; different intra-op: default against 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"cnn, batch 128"}, c.OnlyBase); diff != "" {
		t.Errorf("only in base (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"lstm"}, c.OnlyNew); diff != "" {
		t.Errorf("only in new (-want +got):\n%s", diff)
	}
}

// One record of an ab session holds both sides.
func TestOneRecordOfTwoSides(t *testing.T) {
	a, b := runOf("cnn", steady(10, 1)...), runOf("cnn-jit", steady(10, 2)...)
	a.Side, b.Side = "A", "B"
	r := recordOf("1", a, b)
	c, err := Records(r, r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Pairs) != 1 || c.Verdict() != Slower || !c.SameSession {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]string{"different graphs: cnn against cnn-jit"}, c.Pairs[0].Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

func TestRefused(t *testing.T) {
	base, other := runOf("cnn", 1), runOf("cnn", 1)
	other.Graph.SHA256 = "ffffffffffffffff"
	_, err := Records(recordOf("1", base), recordOf("2", other), Options{})
	if !errors.Is(err, ErrDifferent) || !strings.Contains(err.Error(), "cnn was exported anew between the records (hash 5acnn, then ffffffffffff)") {
		t.Errorf("a graph exported anew: %v", err)
	}
	c, err := Records(recordOf("1", base), recordOf("2", other), Options{AllowDifferent: true})
	if err != nil || c.Pairs[0].Doubts[0] != "different graphs: hash 5acnn against ffffffffffff" {
		t.Errorf("allowed: %+v, %v", c, err)
	}
	_, err = Records(recordOf("1", base), recordOf("2", runOf("rnn", 1), runOf("rnn", 1)), Options{})
	if !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "the base has cnn, and the new one rnn; rnn") {
		t.Errorf("nothing in common: %v", err)
	}
	if _, err = Records(recordOf("1"), recordOf("2"), Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("empty records: %v", err)
	}
}

func TestDifferences(t *testing.T) {
	base, changed := recordOf("1", runOf("g", 1)), recordOf("2", runOf("g", 1))
	changed.Machines = []record.Machine{{Hostname: "node8", Name: "offer-b", CPU: "Some CPU", Cores: 4, Driver: "nvidia 580"}}
	changed.Epochtime, changed.Status = "0.2.0", record.Incomplete
	changed.Started = time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	changed.Runs[0].Launches[0].TensorFlow = "2.22.0"
	want := []string{
		"different machine: node7 against offer-b", "different cores: 2 against 4", "different TensorFlow: 2.21.0 against 2.22.0",
		"different driver: not known against nvidia 580", "different epochtime: 0.1.0 against 0.2.0", "the record of 1 March 2026 12:30 is not complete",
	}
	if diff := cmp.Diff(want, differences(base, changed)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if got := differences(base, base); len(got) > 0 {
		t.Errorf("a record differs from itself: %q", got)
	}
}

// BenchmarkRecords compares 1,000 configurations of 10 launches each.
func BenchmarkRecords(b *testing.B) {
	random := rand.New(rand.NewPCG(7, 8))
	side := func() *record.Record {
		var runs []record.Run
		for i := range 1000 {
			seconds := make([]float64, 10)
			for j := range seconds {
				seconds[j] = math.Exp(0.02 * random.NormFloat64())
			}
			run := runOf("cnn", seconds...)
			run.Config.Batch = i + 1
			runs = append(runs, run)
		}
		return recordOf("1", runs...)
	}
	base, changed := side(), side()
	for b.Loop() {
		if _, err := Records(base, changed, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A run that trains for a time has no epochs to name.
func TestChangedWithout(t *testing.T) {
	base, timed := runOf("cnn", 1), runOf("cnn", 1)
	timed.Config.Epochs, timed.Config.For = 0, 20
	if diff := cmp.Diff([]string{"different epochs: 1 against none", "different for: none against 20s"}, changed(&base, &timed)); diff != "" {
		t.Error(diff)
	}
}

// The launches of a bill are nobody's base.
func TestBillsAreNotCompared(t *testing.T) {
	plain, bill := recordOf("1", runOf("cnn", 1)), recordOf("2", runOf("cnn", 1))
	bill.Plan.Kind = record.KindExplain
	for _, pair := range [][2]*record.Record{{plain, bill}, {bill, plain}, {bill, bill}} {
		if _, err := Records(pair[0], pair[1], Options{}); !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "the record 2 explains an epoch") {
			t.Error(err)
		}
	}
	bill.Plan.Kind = record.KindEstimate
	if _, err := Records(bill, plain, Options{}); !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "the record 2 is an estimate") {
		t.Errorf("probes of an estimate: %v", err)
	}
	bill.Plan.Kind = record.KindFactors
	if _, err := Records(bill, plain, Options{}); err != nil {
		t.Errorf("factors: %v", err)
	}
	bill.Plan.Kind = record.KindExplain
	sides := recordOf("3", runOf("cnn", 1), runOf("cnn", 1))
	sides.Plan.Kind, sides.Runs[0].Side, sides.Runs[1].Side = record.KindExplain, "A", "B"
	if c, err := Records(sides, sides, Options{}); err != nil || len(c.Pairs) != 1 {
		t.Errorf("two builds of one record: %v, %v", c, err)
	}
	if _, err := Rank([]Named{{"a", plain}, {"b", plain}, {"c", bill}}, Options{}); !errors.Is(err, ErrNothing) {
		t.Error(err)
	}
}
