package nightly

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/baseline"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/measure"
	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/testgraph"
)

// Comparisons with Keras are remembered in a folder of the test.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "nightly")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// lab is a machine on which a worker's program says what its epochs take. Each launch
// takes a second.
type lab struct {
	t       *testing.T
	dir     string
	graphs  []Graph
	now     time.Time
	seconds map[string]func(launch int) float64 // by the text of the program; 0 is a launch that fails, less one that does not end
	count   map[string]int                      // launches that train, by program
	stop    context.CancelFunc                  // called in the first launch that trains; may be nil
}

func newLab(t *testing.T, names ...string) *lab {
	t.Helper()
	l := &lab{t: t, dir: filepath.Join(t.TempDir(), "nightly"), now: time.Date(2026, 3, 1, 2, 17, 0, 0, time.UTC)}
	for _, name := range names {
		folder := filepath.Join(t.TempDir(), name)
		if err := testgraph.Write(folder); err != nil {
			t.Fatal(err)
		}
		m, err := graph.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		l.graphs = append(l.graphs, Graph{Name: name, Manifest: m})
	}
	l.seconds = map[string]func(int) float64{
		"steady": func(int) float64 { return 1 },
		"slower": func(int) float64 { return 1.2 },
		"faster": func(int) float64 { return 0.8 },
		"dies":   func(n int) float64 { return float64(min(1, (n+1)%3)) },
		"hangs":  func(n int) float64 { return map[bool]float64{true: -1, false: 1}[n == 3] },  // until its time is up
		"once":   func(n int) float64 { return map[bool]float64{true: 1.2, false: 1}[n < 10] }, // slow in its first session
		"noisy":  func(n int) float64 { return 1 + 0.2*float64(n%2) },
	}
	return l
}

// program is the worker of a configuration: its text.
type program struct {
	*lab
	text string
}

func (l *lab) workers(c record.Config) (measure.Launcher, error) {
	text, err := os.ReadFile(c.Worker[0])
	return program{l, string(text)}, err
}

// Run implements measure.Launcher.
func (p program) Run(ctx context.Context, job protocol.Job, _ func(protocol.Event)) (*launch.Outcome, error) {
	out := &launch.Outcome{Hello: &protocol.Hello{}}
	out.Launch = record.Launch{Status: record.OK, Started: p.now, Worker: []string{"lab"}, TensorFlow: "2.21.0", Wall: 1}
	if job.Kind == protocol.Parity {
		out.Parity = &protocol.Losses{Got: []record.Number{3, 2, 1}, Want: []record.Number{3, 2, 1}}
		return out, nil
	}
	n := p.count[p.text]
	p.count[p.text]++
	if p.stop != nil {
		p.stop()
		out.Launch.Status = record.Interrupted
		return out, nil
	}
	seconds := p.seconds[p.text](n)
	if seconds < 0 {
		out.Launch.Status, out.Launch.Reason = record.Interrupted, "the time is up"
		return out, nil
	}
	if seconds == 0 {
		out.Launch.Status, out.Launch.Signal = record.Killed, "segmentation fault"
		return out, nil
	}
	for i := range job.Config.Warmup + job.Config.Epochs {
		out.Launch.Epochs = append(out.Launch.Epochs, record.Epoch{Index: i, Warmup: i < job.Config.Warmup, Seconds: seconds, Samples: 1000, Steps: 32})
	}
	return out, ctx.Err()
}

// night runs one night, or accepts, with a program as tonight's worker.
func (l *lab) night(do func(context.Context, *Night, Options) error, text string, change ...func(*Options)) *Night {
	l.t.Helper()
	l.count = map[string]int{}
	worker := filepath.Join(l.t.TempDir(), "worker")
	if err := os.WriteFile(worker, []byte(text), 0o755); err != nil {
		l.t.Fatal(err)
	}
	store, err := baseline.Open(l.dir)
	if err != nil {
		l.t.Fatal(err)
	}
	l.now = l.now.Add(24 * time.Hour)
	o := Options{
		Store: store, Graphs: l.graphs, Worker: worker, Tool: worker, Commit: text, Launches: 10, Threshold: 0.05,
		Workers: l.workers, Now: func() time.Time { return l.now },
		Save: func(string, *record.Record) error { return nil }, Changed: func(*Night) error { return nil },
	}
	for _, c := range change {
		c(&o)
	}
	n := &Night{Started: l.now, Commit: text}
	if err := do(l.t.Context(), n, o); err != nil && !errors.Is(err, context.Canceled) {
		l.t.Fatal(err)
	}
	return n
}

// good returns the program of a graph's good build.
func (l *lab) good(name string) string {
	store, err := baseline.Open(l.dir)
	if err != nil {
		l.t.Fatal(err)
	}
	b, err := store.Find(baseline.Good, name)
	if err != nil {
		return err.Error()
	}
	text, err := os.ReadFile(b.Worker)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

func outcomes(n *Night) string {
	var out []string
	for _, c := range n.Comparisons {
		text := c.Graph + " " + string(c.Base) + " " + string(c.Outcome)
		if c.Promoted {
			text += " promoted"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// What a night says of tonight's build, and what is the good one afterwards.
func TestNights(t *testing.T) {
	for _, c := range []struct {
		tonight, outcomes string
		result            Result
		good              string
	}{
		{"steady", "cnn good same promoted", Passed, "steady"},
		{"faster", "cnn good faster promoted", Passed, "faster"},
		{"slower", "cnn good slower", Regression, "steady"},
		{"once", "cnn good not confirmed", Undecided, "steady"},
		{"noisy", "cnn good inconclusive", Undecided, "steady"},
		{"dies", "cnn good launches failed", Problem, "steady"},
	} {
		t.Run(c.tonight, func(t *testing.T) {
			l := newLab(t, "cnn")
			if n := l.night(Accept, "steady"); outcomes(n) != "cnn tonight accepted promoted" || n.Result() != Passed {
				t.Fatal(outcomes(n), n.Result())
			}
			n := l.night(Measure, c.tonight)
			if outcomes(n) != c.outcomes || n.Result() != c.result || l.good("cnn") != c.good {
				t.Errorf("%s: %s, good: %s; want %s: %s, good: %s", outcomes(n), n.Result(), l.good("cnn"), c.outcomes, c.result, c.good)
			}
		})
	}
}

// The good build of one graph does not wait for another, and no evidence is no pass.
func TestGraphsAreApart(t *testing.T) {
	l := newLab(t, "cnn", "rnn")
	n := l.night(Measure, "steady")
	if outcomes(n) != "cnn tonight no good build; rnn tonight no good build" || n.Result() != Problem || !strings.Contains(l.good("cnn"), "never") {
		t.Error(outcomes(n), n.Result(), l.good("cnn"))
	}
	both := l.graphs
	l.graphs = both[:1]
	l.night(Accept, "steady")
	l.graphs = both
	n = l.night(Measure, "faster")
	if outcomes(n) != "cnn good faster promoted; rnn tonight no good build" || n.Result() != Problem || l.good("cnn") != "faster" {
		t.Error(outcomes(n), n.Result(), l.good("cnn"))
	}
	l.graphs = both[1:]
	l.night(Accept, "faster")
	n = l.night(Measure, "faster")
	if want := []string{"cnn has a good build, and was not measured."}; !slices.Equal(n.Notes, want) || n.Result() != Passed {
		t.Error(n.Notes, n.Result())
	}
	if err := os.RemoveAll(filepath.Join(l.dir, "sealed", seal(t, l, "rnn")[:12])); err != nil {
		t.Fatal(err)
	}
	n = l.night(Measure, "slower")
	if outcomes(n) != "rnn good build lost" || n.Result() != Problem {
		t.Error(outcomes(n), n.Result())
	}
}

func seal(t *testing.T, l *lab, name string) string {
	t.Helper()
	store, err := baseline.Open(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := store.Last(baseline.Good, name)
	return e.Seal
}

// A creep passes night by night, and not against the anchor: once a week, or when asked.
func TestAnchor(t *testing.T) {
	l := newLab(t, "cnn")
	creep := 1.0
	l.seconds["a"] = func(int) float64 { return 1 }
	l.night(Accept, "a")
	for i, text := range strings.Split("bcdefghi", "") {
		creep *= 1.01
		took := creep
		l.seconds[text] = func(int) float64 { return took }
		asked, want := func(o *Options) { o.Anchor = i == 1 }, "cnn good same promoted"
		if i == 1 { // when asked, and a week later again
			want += "; cnn anchor same"
		}
		if n := l.night(Measure, text, asked); outcomes(n) != want || n.Result() != Passed {
			t.Errorf("%s: %s, want %s", text, outcomes(n), want)
		}
	}
	l.seconds["j"] = func(int) float64 { return 1.01 * creep }
	for range 2 { // what was found is found again until it is mended or accepted
		n := l.night(Measure, "j")
		if outcomes(n) != "cnn good same; cnn anchor slower" || n.Result() != Regression || l.good("cnn") != "i" {
			t.Error(outcomes(n), n.Result(), l.good("cnn"))
		}
	}
	store, err := baseline.Open(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	if graphs, err := Pin(store, l.now); err != nil || !slices.Equal(graphs, []string{"cnn"}) {
		t.Fatal(graphs, err)
	}
	if n := l.night(Measure, "i", func(o *Options) { o.Anchor = true }); n.Result() != Passed {
		t.Error(outcomes(n))
	}
}

// A build is accepted only if it is as fast as itself and every launch is ok.
func TestAccept(t *testing.T) {
	for text, want := range map[string]string{
		"dies": "cnn tonight launches failed", "noisy": "cnn tonight accepted promoted", "disturbed": "cnn tonight not measured",
	} {
		l := newLab(t, "cnn")
		sides := order(20260302)
		l.seconds["disturbed"] = func(n int) float64 { return 1 + 0.5*float64(sides[n]) }
		n := l.night(Accept, text)
		if outcomes(n) != want || (n.Result() == Passed) != strings.HasSuffix(want, "promoted") {
			t.Errorf("%s: %s (%s), want %s", text, outcomes(n), n.Result(), want)
		}
	}
}

// order returns the sides of the launches of a session, 0 or 1.
func order(seed uint64) []int {
	var done []plan.Result
	var out []int
	for p := (plan.Blocks{Configs: 2, Blocks: 10, Seed: seed, Together: true}); ; {
		next, ok := p.Next(done)
		if !ok {
			return out
		}
		done = append(done, plan.Result{Launch: next, Status: record.OK})
		out = append(out, next.Config)
	}
}

// An interrupted night promotes nothing.
func TestInterrupted(t *testing.T) {
	l := newLab(t, "cnn")
	l.night(Accept, "steady")
	ctx, cancel := context.WithCancel(t.Context())
	l.stop = cancel
	n := l.night(func(_ context.Context, n *Night, o Options) error { return Measure(ctx, n, o) }, "faster")
	if n.Result() != Stopped || l.good("cnn") != "steady" {
		t.Error(n.Result(), outcomes(n), l.good("cnn"))
	}
}

// A launch that does not end is no pass of its graph, and not undecided: it may be what
// is wrong with tonight's build.
func TestLaunchThatDoesNotEnd(t *testing.T) {
	l := newLab(t, "cnn")
	l.night(Accept, "steady")
	n := l.night(Measure, "hangs")
	if outcomes(n) != "cnn good not measured" || n.Result() != Problem || !strings.Contains(n.Comparisons[0].Problem, "did not end in time") || l.good("cnn") != "steady" {
		t.Error(outcomes(n), n.Result(), n.Comparisons[0].Problem, l.good("cnn"))
	}
}

// Launches that the time limit leaves out may be what is wrong with a build, so there
// is no pass with fewer than were asked for.
func TestFewerLaunchesThanAsked(t *testing.T) {
	l := newLab(t, "cnn")
	l.night(Accept, "steady")
	n := l.night(Measure, "faster", func(o *Options) { o.MaxTime = 14 * time.Second })
	if outcomes(n) != "cnn good not measured" || n.Result() != Problem || !strings.Contains(n.Comparisons[0].Problem, "of 10 launches") || l.good("cnn") != "steady" {
		t.Error(outcomes(n), n.Result(), n.Comparisons[0].Problem, l.good("cnn"))
	}
	if n := l.night(Measure, "slower", func(o *Options) { o.MaxTime = 14 * time.Second }); n.Result() == Passed {
		t.Error(outcomes(n))
	}
}

// A record that cannot be saved is no pass, and says why; neither is a report.
func TestFullDisk(t *testing.T) {
	l := newLab(t, "cnn")
	l.night(Accept, "steady")
	full := errors.New("no space left on device")
	n := l.night(Measure, "faster", func(o *Options) { o.Save = func(string, *record.Record) error { return full } })
	if outcomes(n) != "cnn good not measured" || n.Result() != Problem || !strings.Contains(n.Comparisons[0].Problem, full.Error()) || l.good("cnn") != "steady" {
		t.Error(outcomes(n), n.Result(), n.Comparisons[0].Problem, l.good("cnn"))
	}
	n = &Night{}
	store, err := baseline.Open(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	err = Measure(t.Context(), n, Options{Store: store, Graphs: []Graph{{Name: "cnn"}}, Launches: 10, Workers: l.workers, Changed: func(*Night) error { return full }})
	if !errors.Is(err, full) || n.Result() == Passed || l.good("cnn") != "steady" {
		t.Error(err, n.Result(), l.good("cnn"))
	}
}

// Both sides train alike: with the settings and the data of the good build.
func TestSettingsOfTheGoodBuild(t *testing.T) {
	l := newLab(t, "cnn")
	l.night(Accept, "steady")
	changed := filepath.Join(t.TempDir(), "cnn")
	if err := testgraph.Write(changed, "settings.epochs=7"); err != nil {
		t.Fatal(err)
	}
	m, err := graph.Open(changed)
	if err != nil {
		t.Fatal(err)
	}
	l.graphs[0].Manifest = m
	n := l.night(Measure, "steady")
	c := n.Comparisons[0]
	if runs := c.Last().Record.Runs; runs[1].Config.Epochs != 2 || runs[0].Config.Epochs != 2 {
		t.Errorf("epochs: %d and %d", runs[0].Config.Epochs, runs[1].Config.Epochs)
	}
	store, err := baseline.Open(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	good, err := store.Find(baseline.Good, "cnn")
	if err != nil || !c.Promoted || good.List.Config.Epochs != 2 { // with the settings that were measured
		t.Errorf("promoted: %v, %v", c.Promoted, err)
	}
	notes := strings.Join(c.Notes, " ")
	if !strings.Contains(notes, "differ in: epochs") || !strings.Contains(notes, "graph cnn differs") {
		t.Error(notes)
	}
}

func TestResultOfNothing(t *testing.T) {
	var none *Night
	if none.Result() != Problem || (&Night{Ended: true}).Result() != Problem || (&Night{}).Result() != Unfinished {
		t.Error("a night that compared nothing is no problem")
	}
}
