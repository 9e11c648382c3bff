package measure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/scripted"
	"epochtime/internal/testgraph"
	"epochtime/internal/wallclock"
)

// Each test has a place of its own for what sessions remember.
func TestMain(m *testing.M) { os.Exit(inFolder(m)) }

func inFolder(m *testing.M) int {
	if scripted.Wanted(asWorker) {
		scripted.Main()
		return 0
	}
	wallclock.Unbounded()
	os.Setenv(asWorker, "1")
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each worker waits a second at its end
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	return m.Run()
}

// clock is a time that only launches move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// lab runs launches without processes: an epoch takes what seconds says, and a
// launch what its epochs take.
type lab struct {
	clock      *clock
	seconds    func(c record.Config, graph string) float64
	fail       func(n int, job protocol.Job) *launch.Outcome // of the nth launch that trains, from 0; nil: it works
	order      []string                                      // "graph batch" of each launch that trains
	parity     []string                                      // graphs that were compared with Keras
	losses     []record.Number
	keras      []record.Number // what the worker takes for Keras's losses
	lacking    []string        // variables that the weights lack
	resolves   bool            // a launch tells its batch, and epochs their steps, as configured
	doubts     []string        // warnings of the data that examples are made of
	jobs, made []protocol.Job  // that train; for examples
}

func newLab() *lab {
	return &lab{
		clock:   &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
		seconds: func(record.Config, string) float64 { return 0.25 },
		losses:  []record.Number{3, 2, 1},
		keras:   []record.Number{3, 2, 1},
	}
}

func (l *lab) workers(record.Config) (Launcher, error) { return l, nil }

// Run implements Launcher.
func (l *lab) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	name := filepath.Base(job.Graph)
	out := &launch.Outcome{Hello: &protocol.Hello{TensorFlow: "2.21.0", Machine: record.Machine{Hostname: "lab"}}}
	out.Launch = record.Launch{Status: record.OK, Started: l.clock.at, Worker: []string{"lab"}}
	if job.Kind == protocol.Parity {
		l.parity = append(l.parity, name)
		out.Parity = &protocol.Losses{Got: l.losses, Want: l.keras}
		return out, nil
	}
	if job.Kind == protocol.Trace || job.Kind == protocol.Devices {
		return out, nil
	}
	if job.Kind == protocol.Examples {
		l.made = append(l.made, job)
		out.Launch.Warnings = l.doubts
		return out, nil
	}
	l.jobs = append(l.jobs, job)
	if len(l.lacking) > 0 {
		onEvent(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{Lacking: l.lacking}})
	}
	n := len(l.order)
	l.order = append(l.order, fmt.Sprintf("%s %d", name, job.Config.Batch))
	if l.fail != nil {
		if failed := l.fail(n, job); failed != nil {
			return failed, ctx.Err()
		}
	}
	each := l.seconds(job.Config, name)
	for i := range job.Config.Warmup + job.Config.Epochs {
		e := record.Epoch{Index: i, Warmup: i < job.Config.Warmup, Start: float64(i) * each, Seconds: each, Step: each, Steps: 32, Samples: 1000, Loss: 1}
		out.Launch.Epochs = append(out.Launch.Epochs, e)
		l.clock.at = l.clock.at.Add(time.Duration(each * float64(time.Second)))
		onEvent(protocol.Event{Event: protocol.EventEpoch, Epoch: &e})
	}
	if l.resolves {
		resolve(&out.Launch, job.Config)
	}
	out.Launch.Wall = each * float64(job.Config.Warmup+job.Config.Epochs)
	if job.SaveWeights != "" {
		onEvent(protocol.Event{Event: protocol.EventWeights, Weights: &protocol.Saved{Path: job.SaveWeights, Bytes: 10}})
	}
	return out, nil
}

// failing is a launch that failed with a status.
func failing(status, reason string) *launch.Outcome {
	return &launch.Outcome{
		Failure: &protocol.Failure{Message: reason}, Hello: &protocol.Hello{Machine: record.Machine{Hostname: "lab"}},
		Launch: record.Launch{Status: status, Reason: reason, Wall: 1},
	}
}

// makeGraph returns a graph of that name.
func makeGraph(t *testing.T, name string, changes ...string) *graph.Manifest {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := testgraph.Write(dir, changes...); err != nil {
		t.Fatal(err)
	}
	g, err := graph.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// configured is a graph's configuration after some settings, as in batch=64.
func configured(t *testing.T, g *graph.Manifest, settings ...string) Configuration {
	t.Helper()
	c := Configuration{Graph: g, Config: setting.Defaults(), Command: []string{"run", g.Name}}
	for _, item := range settings {
		name, value, _ := strings.Cut(item, "=")
		if err := setting.Change(&c.Config, name, value); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Configure(c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// options are those of a session in the lab.
func (l *lab) options() Options {
	return Options{Launches: 6, Seed: 1, Workers: l.workers, now: l.clock.now}
}

func measured(t *testing.T, s *Session, err error) *record.Record {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Record()
}

func TestRun(t *testing.T) {
	l := newLab()
	l.seconds = func(_ record.Config, graph string) float64 { return map[string]float64{"cnn": 0.5, "rnn": 2}[graph] }
	saves := 0
	o := l.options()
	o.Labels, o.Suite = map[string]string{"night": "1"}, "mine"
	o.Save = func(r *record.Record) error {
		saves++
		if r.Status == record.Incomplete && saves != len(l.order) {
			t.Errorf("%d launches are saved %d times", len(l.order), saves)
		}
		return nil
	}
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn")), configured(t, makeGraph(t, "rnn"), "batch=64", "seed=9")}, o)
	rec := measured(t, s, err)
	if rec.Status != record.Complete || saves != 13 || rec.Runs[0].Summary.EpochSeconds.Median != 0.5 || rec.Runs[1].Summary.EpochSeconds.Median != 2 {
		t.Errorf("status %s, %d saves, %+v", rec.Status, saves, rec.Runs)
	}
	for block := range 6 { // each configuration once a block
		pair := slices.Sorted(slices.Values(l.order[2*block : 2*block+2]))
		if diff := cmp.Diff([]string{"cnn 32", "rnn 64"}, pair); diff != "" {
			t.Errorf("block %d:\n%s", block, diff)
		}
	}
	if diff := cmp.Diff([]string{"run", "rnn", "--batch=64", "--seed=9"}, rec.Runs[1].Command); diff != "" {
		t.Errorf("command:\n%s", diff)
	}
	if err := rec.Validate(); err != nil {
		t.Error(err)
	}
	if len(rec.Machines) != 1 || rec.Runs[0].Graph.Dir == "" || rec.Plan.Suite != "mine" || rec.Labels["night"] != "1" {
		t.Errorf("%+v", rec)
	}
}

// Sessions of one seed have one order; another seed has another.
func TestSeed(t *testing.T) {
	graphs := []*graph.Manifest{makeGraph(t, "a"), makeGraph(t, "b"), makeGraph(t, "c")}
	order := func(seed uint64) []string {
		l := newLab()
		o := l.options()
		o.Seed = seed
		var list []Configuration
		for _, g := range graphs {
			list = append(list, configured(t, g))
		}
		s, err := NewRun(list, o)
		measured(t, s, err)
		return l.order
	}
	if diff := cmp.Diff(order(1), order(1)); diff != "" {
		t.Error(diff)
	}
	if slices.Equal(order(1), order(2)) {
		t.Error("two seeds give one order")
	}
}

func TestMaxTimeAndUntil(t *testing.T) {
	cnn := makeGraph(t, "cnn") // a launch of one warm-up and two epochs
	for name, c := range map[string]struct {
		maxTime time.Duration
		until   float64
		seconds func(n int) float64
		want    int
	}{
		"no limit":            {0, 0, func(int) float64 { return 1 }, 20},
		"3.5 launches fit":    {10500 * time.Millisecond, 0, func(int) float64 { return 1 }, 3},
		"less than one fits":  {time.Second, 0, func(int) float64 { return 1 }, 1},
		"narrow at once":      {0, 0.02, func(int) float64 { return 1 }, 6},
		"too wide to the end": {0, 0.02, func(n int) float64 { return 1 + 0.5*float64(n%2) }, 20},
		"narrow in the long run": {0, 0.01, func(n int) float64 {
			if n < 4 {
				return 2
			}
			return 1
		}, 17}, // the fifth of 17 values bounds their median
	} {
		l := newLab()
		n := -1
		l.seconds = func(record.Config, string) float64 { n++; return c.seconds(n) }
		o := l.options()
		o.Launches, o.MaxTime, o.Until = 20, c.maxTime, c.until
		s, err := NewRun([]Configuration{configured(t, cnn)}, o)
		measured(t, s, err)
		if len(l.order) != c.want {
			t.Errorf("%s: %d launches, want %d", name, len(l.order), c.want)
		}
	}
}

// TestResume stops a session after each number of launches, and resumes it from
// its saved record: launches and order are those of one that was never stopped.
func TestResume(t *testing.T) {
	cnn, rnn := makeGraph(t, "cnn"), makeGraph(t, "rnn")
	list := []Configuration{configured(t, cnn), configured(t, rnn, "batch=8")}
	kinds := map[string]func(Options) (*Session, error){
		record.KindRun: func(o Options) (*Session, error) { return NewRun(list, o) },
		record.KindAB:  func(o Options) (*Session, error) { return NewAB(list[0], list[1], o) },
		record.KindSweep: func(o Options) (*Session, error) {
			points, err := Grid(Configuration{Graph: cnn, Config: setting.Defaults()}, []Axis{{"batch", []string{"8", "16", "full"}}})
			if err != nil {
				return nil, err
			}
			return NewSweep(points, o)
		},
		record.KindTune: func(o Options) (*Session, error) {
			o.MaxTime = time.Minute
			return NewTune([]Configuration{list[0], configured(t, cnn, "executor=caller-thread"), configured(t, cnn, "prefetch=0")}, o)
		},
	}
	speed := func(c record.Config, _ string) float64 {
		if c.Executor == record.CallerThread {
			return 0.1
		}
		return 0.25
	}
	for kind, begin := range kinds {
		whole := newLab()
		whole.seconds = speed
		s, err := begin(whole.options())
		measured(t, s, err)
		for stop := range len(whole.order) {
			cut := newLab()
			cut.seconds = speed
			ctx, cancel := context.WithCancel(t.Context())
			cut.fail = func(n int, _ protocol.Job) *launch.Outcome {
				if n == stop {
					cancel()
					return failing(record.Interrupted, "stopped")
				}
				return nil
			}
			first, err := begin(cut.options())
			if err != nil {
				t.Fatal(err)
			}
			if err := first.Measure(ctx); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s stopped at launch %d: %v", kind, stop, err)
			}
			cut.fail = nil
			rest, err := Resume(reread(t, first.Record()), cut.options())
			measured(t, rest, err)
			want := slices.Insert(slices.Clone(whole.order), stop, whole.order[stop]) // the one that was cut comes again
			if diff := cmp.Diff(want, cut.order); diff != "" {
				t.Errorf("%s stopped at launch %d:\n%s", kind, stop, diff)
			}
			if diff := cmp.Diff(places(s.Record()), places(rest.Record())); diff != "" {
				t.Errorf("%s stopped at launch %d, run and block of each launch:\n%s", kind, stop, diff)
			}
		}
	}
}

// places are the run and the block of every launch that was not interrupted, in order.
func places(rec *record.Record) [][2]int {
	out := map[int][2]int{}
	for i, r := range rec.Runs {
		for _, l := range r.Launches {
			if l.Status != record.Interrupted {
				out[l.Order] = [2]int{i, l.Block}
			}
		}
	}
	var list [][2]int
	for _, order := range slices.Sorted(maps.Keys(out)) {
		list = append(list, out[order])
	}
	return list
}

// reread is a record after it was written to a file and read again.
func reread(t *testing.T, rec *record.Record) *record.Record {
	t.Helper()
	var b strings.Builder
	if err := rec.Write(&b); err != nil {
		t.Fatal(err)
	}
	out, err := record.Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestResumeRefuses(t *testing.T) {
	l := newLab()
	cnn := makeGraph(t, "cnn")
	s, err := NewRun([]Configuration{configured(t, cnn)}, l.options())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*record.Record)
		want   error
	}{
		"complete":  {func(r *record.Record) { r.Status = record.Complete }, ErrComplete},
		"no runs":   {func(r *record.Record) { r.Runs = nil }, ErrResume},
		"no folder": {func(r *record.Record) { r.Runs[0].Graph.Dir = "" }, ErrResume},
		"gone":      {func(r *record.Record) { r.Runs[0].Graph.Dir += "-gone" }, ErrResume},
		"another":   {func(r *record.Record) { r.Runs[0].Graph.SHA256 = "abc" }, ErrResume},
		"no data":   {func(r *record.Record) { r.Runs[0].Config.Data = []string{"/nowhere/x.npz"} }, ErrResume},
		"one side":  {func(r *record.Record) { r.Plan.Kind = record.KindAB }, ErrResume},
		"no kind":   {func(r *record.Record) { r.Plan.Kind = "stroll" }, ErrResume},
	} {
		rec := *s.Record()
		rec.Runs = slices.Clone(rec.Runs)
		c.change(&rec)
		if _, err := Resume(&rec, l.options()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := Resume(nil, Options{}); !errors.Is(err, ErrResume) {
		t.Errorf("no record: %v", err)
	}
}

// The record has the price of each machine, also of one that was started anew since.
func TestPrice(t *testing.T) {
	c := configured(t, makeGraph(t, "cnn"))
	c.Config.Worker = scriptedWorker(t, "job\nhello\n[parity]\nparity\n[train]\ntrain 0.5\n[any]\ndone\n")
	var asked []string
	s, err := NewRun([]Configuration{c}, Options{Launches: 2, Price: func(m record.Machine) *record.Price {
		asked = append(asked, m.Hostname)
		return &record.Price{PerHour: 2.48, Currency: "EUR"}
	}})
	rec := measured(t, s, err)
	if len(asked) != 1 || len(rec.Machines) != 1 || rec.Machines[0].Price == nil || rec.Machines[0].Price.PerHour != 2.48 {
		t.Errorf("asked for %q; %+v", asked, rec.Machines)
	}
	restarted := rec.Machines[0]
	restarted.Kernel, restarted.Price = "another", nil
	if i := s.machine(restarted); i != 1 || rec.Machines[1].Price == nil || len(asked) != 1 {
		t.Errorf("after a restart: machine %d of %+v", i, rec.Machines)
	}
}
