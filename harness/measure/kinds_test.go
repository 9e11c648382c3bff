package measure

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

func TestAB(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	l := newLab()
	l.seconds = func(c record.Config, _ string) float64 { return float64(c.Batch) / 100 }
	o := l.options()
	o.Launches = 10
	s, err := NewAB(configured(t, cnn), configured(t, cnn, "batch=64"), o)
	rec := measured(t, s, err)
	if rec.Runs[0].Side != "A" || rec.Runs[1].Side != "B" || s.Verdict() != compare.Slower {
		t.Errorf("sides %q and %q, verdict %s", rec.Runs[0].Side, rec.Runs[1].Side, s.Verdict())
	}
}

// A side that cannot run ends an ab, and is named.
func TestABSideFails(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	l := newLab()
	l.fail = func(_ int, job protocol.Job) *launch.Outcome {
		if job.Config.Batch != 64 {
			return nil
		}
		out := failing(record.Error, "no such device")
		out.Setup, out.Launch.Setup = true, true
		return out
	}
	b := configured(t, cnn, "batch=64")
	b.Label = "side B"
	s, err := NewAB(configured(t, cnn), b, l.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(t.Context()); !errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	if err := s.CheckResults(0, 1); !errors.Is(err, ErrNoResult) || err.Error() != "no launch of side B worked: no such device" {
		t.Error(err)
	}
	if n := len(l.order); n > 2 {
		t.Errorf("%d launches", n)
	}
}

func TestSweepLeavesOutTwins(t *testing.T) {
	g := makeGraph(t, "cnn") // of 1,000 samples
	points, err := Grid(Configuration{Graph: g, Config: setting.Defaults(), Command: []string{"run", "cnn"}}, []Axis{{"samples", []string{"1000"}}, {"batch", []string{"500", "1000", "full"}}})
	if err != nil {
		t.Fatal(err)
	}
	l := newLab()
	var notices []string
	o := l.options()
	o.Watcher = &listener{notice: func(_ NoticeKind, text string) { notices = append(notices, text) }}
	s, err := NewSweep(points, o)
	rec := measured(t, s, err)
	if len(rec.Runs) != 2 || s.Title(1) != "cnn, batch 1000" {
		t.Errorf("%d runs, the second %q", len(rec.Runs), s.Title(1))
	}
	if diff := cmp.Diff([]string{"cnn, batch full has the same batches as cnn, batch 1000, and is left out"}, notices); diff != "" {
		t.Errorf("notices:\n%s", diff)
	}
}

// listener passes on what a test wants to know.
type listener struct {
	Unwatched
	notice func(NoticeKind, string)
	launch func(Progress)
	epoch  func(Progress, record.Epoch)
}

func (l *listener) Notice(kind NoticeKind, text string) {
	if l.notice != nil {
		l.notice(kind, text)
	}
}

func (l *listener) Launching(p Progress) {
	if l.launch != nil {
		l.launch(p)
	}
}

func (l *listener) Epoch(p Progress, e record.Epoch) {
	if l.epoch != nil {
		l.epoch(p, e)
	}
}

func TestGrid(t *testing.T) {
	base := Configuration{Graph: makeGraph(t, "cnn"), Config: setting.Defaults(), Command: []string{"run", "cnn"}}
	points, err := Grid(base, []Axis{{"batch", []string{"1", "2"}}, {"intra-op", []string{"3", "default"}}, {"executor", []string{"caller-thread"}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range points {
		got = append(got, p.Label+": "+strings.Join(p.Command, " "))
	}
	want := []string{
		"cnn, batch 1, intra-op 3: run cnn --batch=1 --intra-op=3 --executor=caller-thread",
		"cnn, batch 1, intra-op default: run cnn --batch=1 --executor=caller-thread",
		"cnn, batch 2, intra-op 3: run cnn --batch=2 --intra-op=3 --executor=caller-thread",
		"cnn, batch 2, intra-op default: run cnn --batch=2 --executor=caller-thread",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = "1"
	}
	for name, axes := range map[string][]Axis{"none": nil, "empty": {{"batch", nil}}, "too many": {{"batch", many}, {"samples", many}}} {
		if _, err := Grid(base, axes); !errors.Is(err, ErrGrid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, axis := range map[string]Axis{"unknown": {"bach", []string{"1"}}, "no axis": {"epochs", []string{"1"}}, "wrong value": {"batch", []string{"0"}}} {
		if _, err := Grid(base, []Axis{axis}); !errors.As(err, new(*setting.Error)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The winner of a tune meets the default anew, within the time that is left.
func TestTune(t *testing.T) {
	cnn, jit := makeGraph(t, "cnn"), makeGraph(t, "cnn-jit", "variant.jit=true")
	var left []string
	list, err := Candidates(Configuration{Graph: cnn, Config: setting.Defaults(), Command: []string{"run", "cnn"}},
		[]*graph.Manifest{cnn, jit, makeGraph(t, "mlp", `model.architecture="other"`), makeGraph(t, "cnn-b8", "fixed=8")},
		func(string) bool { return false }, func(g *graph.Manifest) string { return g.Name }, func(text string) { left = append(left, text) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cnn-b8 is left out: it does not train in the same batches"}, left); diff != "" {
		t.Errorf("left out:\n%s", diff)
	}
	if len(list) != 19 || list[0].Label != "cnn" || strings.Join(list[0].Command, " ") != "run cnn" {
		t.Fatalf("%d candidates, the first %q: %q", len(list), list[0].Label, list[0].Command)
	}
	l := newLab()
	l.seconds = func(c record.Config, name string) float64 {
		if name == "cnn-jit" && c.Executor == record.CallerThread && c.Env[onednn] == "1" {
			return 0.1
		}
		return 0.25
	}
	o := l.options()
	o.MaxTime = 2 * time.Minute
	s, err := NewTune(list, o)
	rec := measured(t, s, err)
	found := compare.SearchOf(rec, compare.Options{})
	if len(rec.Runs) != 21 || found.Pair == nil || found.Pair.Verdict != compare.Faster {
		t.Fatalf("%d runs, %+v", len(rec.Runs), found.Pair)
	}
	winner := rec.Runs[found.Winner]
	if want := "run cnn-jit --env=TF_ENABLE_ONEDNN_OPTS=1 --executor=caller-thread"; strings.Join(winner.Command, " ") != want {
		t.Errorf("winner: %q, want %q", winner.Command, want)
	}
	if rec.Runs[20].Side != "B" || rec.Runs[20].Graph.Name != "cnn-jit" || len(rec.Runs[20].Launches) != 6 {
		t.Errorf("side B: %+v", rec.Runs[20])
	}
}

// Graphs of a script are variants of one another where they are the same part of it.
func TestVariantsOfScript(t *testing.T) {
	phase := func(name string, n int, changes ...string) *graph.Manifest {
		script := fmt.Sprintf(`script={"file":"train.py","call":"fit","line":%d,"phase":%d,"phases":2}`, 40+n, n)
		return makeGraph(t, name, append(changes, script)...)
	}
	named := phase("train-1", 1)
	list, err := variantsOf(Configuration{Graph: named, Config: setting.Defaults()},
		[]*graph.Manifest{named, phase("train-2", 2), phase("train-1-jit", 1, "variant.jit=true"), makeGraph(t, "cnn")},
		dataChecks{}, func(g *graph.Manifest) string { return g.Name }, func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range list {
		names = append(names, c.Graph.Name)
	}
	if diff := cmp.Diff([]string{"train-1", "train-1-jit"}, names); diff != "" {
		t.Errorf("variants:\n%s", diff)
	}
}

// What is given is kept, and resident data is not tried with what it excludes.
func TestChoices(t *testing.T) {
	v := Configuration{Graph: new(graph.Manifest), Config: setting.Defaults()}
	none := func(string) bool { return false }
	if n := len(choices(v, none, true, false)); n != 10 {
		t.Errorf("%d choices, want 10", n)
	}
	if n := len(choices(v, func(name string) bool { return name == "intra-op" }, false, false)); n != 3 {
		t.Errorf("%d choices with threads given, want 3", n)
	}
	for small, want := range map[bool]string{false: record.CallerThread, true: record.ThreadPool} { // beside what no choice is
		tried := map[string]bool{}
		for _, changes := range choices(v, none, true, small) {
			for _, ch := range changes {
				tried[ch.value] = tried[ch.value] || ch.name == "executor"
			}
		}
		if !tried[want] || tried[record.CallerThread] && tried[record.ThreadPool] {
			t.Errorf("small step %v: tried are %v", small, tried)
		}
	}
	several := Configuration{Graph: &graph.Manifest{Variant: graph.Variant{Replicas: 2}}, Config: v.Config}
	if n := len(choices(several, none, true, false)); n != 8 { // without one thread for all devices
		t.Errorf("%d choices of two replicas, want 8", n)
	}
	v.Config.Env = map[string]string{onednn: "0"}
	v.Config.Feed = record.FeedResident
	for _, changes := range choices(v, none, true, false) {
		for _, ch := range changes {
			if ch.value == record.SingleThreaded || ch.name == "prefetch" || strings.HasPrefix(ch.name, "env.") {
				t.Errorf("%v is tried", ch)
			}
		}
	}
}

func TestWeights(t *testing.T) {
	l := newLab()
	o := l.options()
	o.SaveWeights = filepath.Join(t.TempDir(), "trained")
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(t.Context()); !errors.Is(err, ErrWeights) { // the graph has no Keras file
		t.Fatal(err)
	}
	o.SaveWeights = filepath.Join(o.SaveWeights, "a-file")
	if err := os.WriteFile(o.SaveWeights, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s, _ = NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	if err := s.Measure(t.Context()); !errors.Is(err, ErrWeights) || len(l.order) > 0 {
		t.Fatalf("%v after %d launches", err, len(l.order))
	}
}

// A worker cannot choose what it is compared with.
func TestParityWithOtherLosses(t *testing.T) {
	for _, other := range [][]record.Number{{1, 1, 1}, {3, 2}, {}} {
		l := newLab()
		l.losses, l.keras = other, other
		o := l.options()
		o.Recheck = true
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); !errors.Is(err, launch.ErrProtocol) || len(l.order) > 0 {
			t.Errorf("%v: %v after %d launches", other, err, len(l.order))
		}
	}
}

func TestParity(t *testing.T) {
	l := newLab()
	l.losses = []record.Number{3, 2, 1.0001}
	list := []Configuration{configured(t, makeGraph(t, "off")), configured(t, makeGraph(t, "loose", "parity.tolerance=0.001"))}
	s, err := NewRun(list[:1], l.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(t.Context()); !errors.Is(err, ErrParity) || !strings.Contains(err.Error(), "off does not train as Keras does: the losses differ by 0.0001, and 1e-05 is allowed") || len(l.order) > 0 {
		t.Errorf("%v after %d launches", err, len(l.order))
	}
	s, err = NewRun(list[1:], l.options())
	rec := measured(t, s, err)
	if p := rec.Runs[0].Parity; p.Tolerance != 0.001 || p.MaxRelativeDifference < 9e-5 {
		t.Errorf("%+v", p)
	}
	n := len(l.parity)
	s, err = NewRun(list[1:], l.options())
	measured(t, s, err)
	if len(l.parity) != n {
		t.Error("a check that passed is not remembered")
	}
	o := l.options()
	o.Recheck = true
	s, err = NewRun(list[1:], o)
	measured(t, s, err)
	if len(l.parity) != n+1 {
		t.Error("a check is not repeated where that is asked for")
	}
}

func TestMaxDifference(t *testing.T) {
	for _, c := range []struct {
		got, want []record.Number
		min, max  float64
	}{
		{[]record.Number{1, 2}, []record.Number{1, 2}, 0, 0},
		{[]record.Number{-1}, []record.Number{-2}, 0.5, 0.5}, // the sign of a loss does not hide a difference
		{[]record.Number{-3}, []record.Number{-2}, 0.5, 0.5},
		{[]record.Number{1}, []record.Number{-1}, 2, 2},
		{[]record.Number{1}, []record.Number{0}, 1, 1e300},
		{nil, nil, 1e300, -1}, {[]record.Number{1}, []record.Number{1, 2}, 1e300, -1},
		{[]record.Number{record.Number(nan())}, []record.Number{1}, 1e300, -1},
	} {
		if d := maxDifference(c.got, c.want); d < c.min || c.max >= 0 && d > c.max {
			t.Errorf("%v and %v differ by %g", c.got, c.want, d)
		}
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

// Progress counts launches and epochs, and estimates the time left from the
// launches that are done.
func TestProgress(t *testing.T) {
	l := newLab()
	l.seconds = func(_ record.Config, name string) float64 { return map[string]float64{"a": 1, "b": 3}[name] }
	var begun []Progress
	var most int
	o := l.options()
	o.Launches = 2
	o.Watcher = &listener{launch: func(p Progress) { begun = append(begun, p) }, epoch: func(p Progress, _ record.Epoch) { most = max(most, p.EpochsDone) }}
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "a")), configured(t, makeGraph(t, "b"))}, o)
	measured(t, s, err)
	if len(begun) != 4 || begun[0].LeftKnown || begun[0].Launch != 1 || begun[3].Launch != 4 || begun[3].Launches != 4 || begun[0].Epochs != 12 || most != 12 {
		t.Errorf("%+v, %d epochs", begun, most)
	}
	// Two launches are done, one of 3 s and one of 9 s; so much is left.
	if begun[2].Left != 12*time.Second {
		t.Errorf("%v left, want 12 s", begun[2].Left)
	}
	want := map[string]time.Duration{"a": 3 * time.Second, "b": 9 * time.Second}[begun[3].Title]
	if begun[3].Left != want {
		t.Errorf("%v left, want %v", begun[3].Left, want)
	}
}
