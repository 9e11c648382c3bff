package explain

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{
		"Variants": Variants, "Bills": Bills, "Saved": Saved, "ByStep": ByStep, "Left": Left, "Uncompiled": Uncompiled, "WholeOf": WholeOf, "Longer": Longer, "Shorter": Shorter,
	})
}

// script is a graph of a script with every part.
func script(parts ...string) *graph.Manifest {
	g := &graph.Manifest{Name: "train", Signatures: map[string]graph.Signature{}}
	for _, p := range parts {
		switch p {
		case "validation":
			g.Validation = &graph.Validation{}
		case "callbacks":
			g.Notices = []graph.Notice{{About: "callbacks", Text: "EarlyStopping is not called"}}
		case "metrics":
			g.Signatures[graph.Metrics] = graph.Signature{Values: []graph.MetricOutput{{Name: "loss"}, {Name: "accuracy"}}}
		case "jit":
			g.Variant.JIT = true
		}
	}
	return g
}

// told are the variants in words: what each leaves out, or that it is the graph.
func told(list []record.Config) []string {
	var out []string
	for _, c := range list {
		text := "graph"
		if c.Fits() {
			var words []string
			for _, p := range Left(c, record.Config{}) {
				words = append(words, string(p))
			}
			text = "fit -" + strings.Join(words, " -")
			if c.Step == record.StepStamped {
				text += " stamped"
			}
			if c.Compile != "" {
				text += " compile=" + c.Compile
			}
		}
		out = append(out, text)
	}
	return out
}

func TestVariants(t *testing.T) {
	for parts, want := range map[string][]string{
		"": {"fit -", "fit -input", "fit -input stamped", "fit -metrics -step", "graph"},
		"validation callbacks metrics jit": {
			"fit -", "fit -input", "fit -callbacks", "fit -metrics",
			"fit - compile=off", "fit -input -validation -callbacks stamped", "fit -validation -metrics -callbacks -step", "graph",
		},
	} {
		if diff := cmp.Diff(want, told(Variants(script(strings.Fields(parts)...), record.Config{}))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", parts, diff)
		}
	}
}

// What a person leaves out of fit is no part of its bill, and changes no other line.
func TestBillOfLess(t *testing.T) {
	g := script("validation", "callbacks", "metrics", "jit")
	c := record.Config{Callbacks: record.PartNone, Metrics: record.PartNone, Compile: record.CompileOff}
	list := Variants(g, c)
	want := []string{
		"fit -metrics -callbacks compile=off", "fit -input -metrics -callbacks compile=off",
		"fit -input -validation -metrics -callbacks stamped compile=off", "fit -validation -metrics -callbacks -step compile=off", "graph",
	}
	if diff := cmp.Diff(want, told(list)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(record.Config{Validation: record.PartNone, Executor: record.ThreadPool}, list[len(list)-1]); diff != "" {
		t.Errorf("the graph has settings of fit (-want +got):\n%s", diff)
	}
	rec := &record.Record{Plan: record.Plan{Kind: record.KindExplain}}
	for i, c := range list {
		run := record.Run{Graph: record.Graph{Name: "train", SHA256: "1"}, Config: c}
		for b := range 6 { // input 4, validation 2, own 3, step 1
			run.Launches = append(run.Launches, took(b, []float64{8, 4, 4, 5, 1}[i], 1, []float64{2, 2, 0, 0, 0}[i]))
		}
		rec.Runs = append(rec.Runs, run)
	}
	b := Bills(rec)[0]
	got := map[record.Part]float64{}
	for _, line := range b.Lines {
		got[line.Part] = math.Round(line.Seconds.Median*1e9) / 1e9
	}
	if diff := cmp.Diff(map[record.Part]float64{"step": 1, "input": 4, "validation": 2, "own": 3, "unexplained": 0}, got); diff != "" || b.Whole.Median != 10 {
		t.Errorf("of %g s (-want +got):\n%s", b.Whole.Median, diff)
	}
}

// The command that shows a part can see it.
func TestProof(t *testing.T) {
	words := []string{"train.py", "--runtime=fit", "--callbacks=none", "--batch=8"}
	for part, want := range map[record.Part]string{
		record.PartInput:      "ab train.py --runtime=fit --callbacks=none --batch=8 --a pipeline=script --b pipeline=memory",
		record.PartOwn:        "ab train.py --runtime=fit --callbacks=none --batch=8 --a steps-per-execution=1 --b steps-per-execution=32",
		record.PartStep:       "ab train.py --batch=8 --a runtime=fit --b runtime=go --a callbacks=none",
		record.PartValidation: "run train.py --runtime=fit --callbacks=none --batch=8",
	} {
		if got := strings.Join(proof(part, words), " "); got != want {
			t.Errorf("%s: %s\nwant %s", part, got, want)
		}
	}
}

// took is a launch whose epochs take these seconds, with the parts of an epoch.
func took(block int, seconds, step, validation float64) record.Launch {
	l := record.Launch{Status: record.OK, Block: block}
	for i := range 4 {
		e := record.Epoch{Index: i, Warmup: i == 0, Seconds: seconds, Step: step, Other: seconds - step, Steps: 10, Samples: 320, Validation: validation}
		if i == 0 {
			e.Seconds += 5
		}
		l.Epochs = append(l.Epochs, e)
	}
	return l
}

// explained is a record of every part, in which machine says how slow the machine is in a
// block.
func explained(blocks int, machine func(block int) float64) *record.Record {
	g := script("validation", "callbacks", "metrics")
	rec := &record.Record{Plan: record.Plan{Kind: record.KindExplain}}
	for i, c := range Variants(g, record.Config{}) {
		run := record.Run{Graph: record.Graph{Name: "train", SHA256: "1"}, Config: c, Command: []string{"run", "train.py", "--runtime=fit"}}
		// input 4, validation 2, callbacks 1, metrics 0.5, own 3, step with metrics 1.5
		seconds, validation, step := 4+1+3+1.5, 2.0, 1.5
		switch told([]record.Config{c})[0] {
		case "fit -input":
			seconds -= 4
		case "fit -callbacks":
			seconds--
		case "fit -metrics":
			seconds -= 0.5
		case "fit -input -validation -callbacks stamped":
			seconds, validation, step = 4.5, 0, 1.5
		case "fit -validation -metrics -callbacks -step":
			seconds, validation, step = 7, 0, 6
		case "graph":
			seconds, validation, step = 1.6, 0, 1.5
		case "fit -":
		default:
			panic(i)
		}
		for b := range blocks {
			l := took(b, seconds*machine(b), step*machine(b), validation*machine(b))
			for e := range l.Epochs { // 1 s in the calls, and not in their steps
				if c.Step == record.StepStamped {
					l.Epochs[e].Wait, l.Epochs[e].Other = machine(b), l.Epochs[e].Other-machine(b)
				}
			}
			run.Launches = append(run.Launches, l)
		}
		rec.Runs = append(rec.Runs, run)
	}
	return rec
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// The lines are the differences, and add up, whatever the machine does to whole blocks.
func TestBill(t *testing.T) {
	want := map[record.Part]float64{
		record.PartStep: 1, record.PartInput: 4, record.PartValidation: 2, record.PartMetrics: 0.5, record.PartCallbacks: 1, record.PartOwn: 3, record.PartUnexplained: 0,
	}
	for name, machine := range map[string]func(int) float64{"quiet": func(int) float64 { return 1 }, "slow for a block": func(b int) float64 { return []float64{1, 3}[b/6] }} {
		bills := Bills(explained(7, machine))
		if len(bills) != 1 {
			t.Fatalf("%s: %d bills", name, len(bills))
		}
		b := bills[0]
		if !near(b.Whole.Median, 11.5) || b.Steps != 10 || b.Graph != "train" {
			t.Errorf("%s: %+v", name, b)
		}
		if len(b.Lines) != len(want) || b.Lines[len(b.Lines)-1].Part != record.PartUnexplained {
			t.Errorf("%s: lines %+v", name, b.Lines)
		}
		for _, line := range b.Lines {
			if !near(line.Seconds.Median, want[line.Part]) || !near(line.Share, want[line.Part]/11.5) || line.Missing != "" {
				t.Errorf("%s: %s is %+v, want %g s", name, line.Part, line, want[line.Part])
			}
		}
		if !near(b.Explained.Median, 1) || !b.Explained.Known() {
			t.Errorf("%s: explained %+v", name, b.Explained)
		}
		// Of its own 3 s, fit spends 2 s outside the calls of its ten steps.
		if !near(b.PerEpoch, 2) || !near(b.PerStep, 0.1) || !near(b.Hidden, 2) {
			t.Errorf("%s: per epoch %g, per step %g, hidden %g", name, b.PerEpoch, b.PerStep, b.Hidden)
		}
		if b.First == nil || !near(b.First.Median, 9.5+5) {
			t.Errorf("%s: first epoch %+v", name, b.First)
		}
		if b.Bound != record.PartInput || !slices.Equal(b.Proof, []string{"ab", "train.py", "--runtime=fit", "--a", "pipeline=script", "--b", "pipeline=memory"}) {
			t.Errorf("%s: bound by %q, shown by %q", name, b.Bound, b.Proof)
		}
	}
}

// A part whose launches fail is not known, and neither is what is left.
func TestBillOfFailedLaunches(t *testing.T) {
	rec := explained(6, func(int) float64 { return 1 })
	for i := range rec.Runs {
		if rec.Runs[i].Config.OfGraph() {
			for k := range rec.Runs[i].Launches {
				rec.Runs[i].Launches[k] = record.Launch{Status: record.Error, Reason: "it burst", Block: k}
			}
		}
	}
	b := Bills(rec)[0]
	for _, line := range b.Lines {
		known := line.Part != record.PartStep && line.Part != record.PartUnexplained
		if known != (line.Missing == "") {
			t.Errorf("%s: %+v", line.Part, line)
		}
		if line.Part == record.PartStep && line.Missing != "it burst" {
			t.Errorf("the step is missing because %q", line.Missing)
		}
	}
	if b.Explained.Median != 0 || b.Explained.Known() {
		t.Errorf("explained %+v", b.Explained)
	}
}

// Where more is unexplained than any line has, nothing is called its bound.
func TestUnexplained(t *testing.T) {
	rec := explained(6, func(int) float64 { return 1 })
	for i := range rec.Runs {
		if told([]record.Config{rec.Runs[i].Config})[0] == "fit -" {
			for k := range rec.Runs[i].Launches {
				rec.Runs[i].Launches[k] = took(k, 40, 1.5, 2)
			}
		}
		if told([]record.Config{rec.Runs[i].Config})[0] == "fit -input" {
			for k := range rec.Runs[i].Launches {
				rec.Runs[i].Launches[k] = took(k, 39, 1.5, 2)
			}
		}
	}
	b := Bills(rec)[0]
	if b.Bound == record.PartInput || b.Lines[len(b.Lines)-1].Share > 0.1 && b.Bound != "" && b.Lines[len(b.Lines)-1].Share > maxShare(b) {
		t.Errorf("bound by %q with %+v", b.Bound, b.Lines)
	}
}

func maxShare(b record.Bill) float64 {
	most := 0.0
	for _, line := range b.Lines[:len(b.Lines)-1] {
		most = max(most, line.Share)
	}
	return most
}

func TestSaved(t *testing.T) {
	if got := Saved(record.Bill{Steps: 65, PerStep: 0.5}); !near(got, 31) { // 65 steps are 3 calls
		t.Errorf("%g s are saved", got)
	}
}

// Of two builds, the line that became longer is named.
func TestMoved(t *testing.T) {
	rec := explained(6, func(b int) float64 { return []float64{1, 1, 1, 2, 1, 1}[b] })
	old := len(rec.Runs)
	for _, r := range slices.Clone(rec.Runs) {
		launches := slices.Clone(r.Launches)
		if !r.Config.OfGraph() { // fit takes 2 s longer in each way
			for k := range launches {
				l := launches[k]
				l.Epochs = slices.Clone(l.Epochs)
				for e := range l.Epochs {
					l.Epochs[e].Seconds += 2
				}
				launches[k] = l
			}
		}
		r.Launches, r.Side = launches, "B"
		rec.Runs = append(rec.Runs, r)
	}
	for i := range old {
		rec.Runs[i].Side = "A"
	}
	bills := Bills(rec)
	if len(bills) != 2 || bills[0].Moved != nil || len(bills[1].Moved) == 0 {
		t.Fatalf("%+v", bills)
	}
	longer := Longer(bills[1])
	if len(longer) != 1 || longer[0].Part != record.PartOwn || len(Shorter(bills[1])) != 0 {
		t.Errorf("longer: %+v, shorter: %+v", longer, Shorter(bills[1]))
	}
	whole := bills[1].Moved[len(bills[1].Moved)-1]
	if whole.Part != record.PartWhole || !whole.Seconds.Known() || whole.Share < 0.15 || whole.Share > 2/11.5+1e-9 {
		t.Errorf("the whole: %+v", whole)
	}
}
