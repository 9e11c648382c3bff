package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// labs are machines, by the first word of their workers.
type labs map[string]*lab

func newLabs(names ...string) labs {
	out := labs{}
	for i, name := range names {
		l := newLab()
		l.seconds = func(record.Config, string) float64 { return float64(i+1) / 8 }
		out[name] = l
	}
	return out
}

func (l labs) options() Options {
	return Options{Launches: 3, Seed: 1, Recheck: true, Workers: func(c record.Config) (Launcher, error) {
		at := l[c.Worker[0]]
		return named{at, c.Worker[0]}, nil
	}}
}

// named is a lab whose machine has a name of its own.
type named struct {
	*lab
	host string
}

func (n named) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	out, err := n.lab.Run(ctx, job, onEvent)
	if out != nil && out.Hello != nil {
		out.Hello.Machine = record.Machine{Hostname: n.host, Cores: 2}
	}
	return out, err
}

// units returns one for each of the machines, each with two graphs.
func units(t *testing.T, names ...string) []Unit {
	t.Helper()
	var out []Unit
	for _, name := range names {
		u := Unit{Name: name}
		for _, g := range []string{"cnn", "rnn"} {
			c := configured(t, makeGraph(t, g))
			c.Config.Worker = []string{name}
			u.List = append(u.List, c)
		}
		out = append(out, u)
	}
	return out
}

// collected collects notices.
type collected struct {
	Unwatched
	mu      sync.Mutex
	notices []string
	most    Progress
}

func (c *collected) Notice(_ NoticeKind, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notices = append(c.notices, text)
}

func (c *collected) Launching(at Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.Launch > c.most.Launch {
		c.most = at
	}
}

func TestFleet(t *testing.T) {
	l := newLabs("a", "b", "c")
	l["b"].fail = func(n int, _ protocol.Job) *launch.Outcome {
		if n == 1 {
			return failing(record.Killed, "it was killed")
		}
		return nil
	}
	l["c"].losses = []record.Number{3, 2, 0}
	watcher := &collected{}
	o := l.options()
	o.Watcher = watcher
	var saved []string
	o.Save = func(r *record.Record) error {
		var text bytes.Buffer
		if err := errors.Join(r.Validate(), r.Write(&text)); err != nil {
			return err
		}
		saved = append(saved, text.String())
		return nil
	}
	f, err := NewFleet(units(t, "a", "b", "c"), 0, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Record(); len(got.Runs) != 6 || got.Status != record.Incomplete || f.Launched() != 0 || f.Measured() {
		t.Errorf("before: %d runs, %s, %d launches", len(got.Runs), got.Status, f.Launched())
	}
	if err := f.Measure(t.Context()); !errors.Is(err, ErrFailed) {
		t.Errorf("the error is %v", err)
	}
	rec := f.Record()
	if rec.Status != record.Complete || rec.Plan.Kind != record.KindFleet || !f.Measured() || len(rec.Machines) != 3 {
		t.Errorf("%s, %s, machines %+v", rec.Status, rec.Plan.Kind, rec.Machines)
	}
	var got []string
	for _, r := range rec.Runs {
		median := "–"
		if r.Summary != nil {
			median = fmt.Sprint(r.Summary.EpochSeconds.Median)
		}
		got = append(got, fmt.Sprintf("%s %s %d %s", r.On, r.Graph.Name, len(r.Launches), median))
		for _, at := range r.Launches {
			if m := rec.Machines[at.Machine]; m.Name != r.On || m.Known() == (r.On == "c") {
				t.Errorf("%s: a launch on %+v", r.On, m)
			}
		}
	}
	want := []string{"a cnn 3 0.125", "a rnn 3 0.125", "b cnn 3 0.25", "b rnn 3 0.25", "c cnn 1 –", "c rnn 1 –"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f.Launched() != 14 || len(saved) == 0 {
		t.Errorf("%d launches, %d saves", f.Launched(), len(saved))
	}
	if again := new(bytes.Buffer); rec.Write(again) != nil || again.String() != saved[len(saved)-1] {
		t.Error("what was saved last is not the record")
	}
	for _, prefix := range []string{"c: cnn does not train as Keras does", "b: "} {
		if !slices.ContainsFunc(watcher.notices, func(n string) bool { return strings.HasPrefix(n, prefix) }) {
			t.Errorf("no notice %q among %q", prefix, watcher.notices)
		}
	}
	if watcher.most.Launches != 18 || watcher.most.Launch < 12 {
		t.Errorf("it came to launch %d of %d", watcher.most.Launch, watcher.most.Launches)
	}
}

// A fleet that is interrupted is continued: what was saved is there, and nothing is
// measured twice.
func TestFleetIsContinued(t *testing.T) {
	l := newLabs("a", "b")
	ctx, stop := context.WithCancel(t.Context())
	l["b"].fail = func(n int, _ protocol.Job) *launch.Outcome {
		if n == 2 {
			stop()
			<-ctx.Done()
			return failing(record.Interrupted, "stopped")
		}
		return nil
	}
	var text bytes.Buffer
	o := l.options()
	o.Labels = map[string]string{"k": "v"}
	o.Save = func(r *record.Record) error { text.Reset(); return r.Write(&text) }
	f, err := NewFleet(units(t, "a", "b"), 1, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Measure(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	rec, err := record.Read(&text)
	if err != nil || rec.Status != record.Incomplete || rec.Labels["k"] != "v" {
		t.Fatalf("%+v, %v", rec, err)
	}
	began := map[string]bool{}
	for _, r := range rec.Runs {
		for _, at := range r.Launches {
			if at.Status == record.OK {
				began[r.On+r.Graph.Name+fmt.Sprint(at.Block)] = true
			}
		}
	}
	l["b"].fail = nil
	again, err := ResumeFleet(rec, 0, o)
	if err != nil {
		t.Fatal(err)
	}
	done := len(l["a"].jobs) + len(l["b"].jobs)
	if err := again.Measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	worked := 0
	for _, r := range again.Record().Runs {
		for _, at := range r.Launches {
			if at.Status == record.OK {
				worked++
				delete(began, r.On+r.Graph.Name+fmt.Sprint(at.Block))
			}
		}
	}
	if worked != 12 || len(began) > 0 || again.Record().Status != record.Complete || again.Record().ID != rec.ID || again.Record().Labels["k"] != "v" {
		t.Errorf("%d launches worked, and %v are lost", worked, began)
	}
	if more := len(l["a"].jobs) + len(l["b"].jobs) - done; more > 12-2 {
		t.Errorf("%d launches more", more)
	}
	if _, err := ResumeFleet(again.Record(), 0, o); !errors.Is(err, ErrComplete) {
		t.Errorf("continuing what is complete: %v", err)
	}
}

// A machine that cannot go on leaves the record incomplete, and it is continued.
func TestFleetGoesOn(t *testing.T) {
	l := newLabs("a", "b")
	gone := errors.New("the worker program is gone")
	o := l.options()
	away := true
	workers := o.Workers
	o.Workers = func(c record.Config) (Launcher, error) {
		w, err := workers(c)
		return leaving{w, l["b"], func() error {
			if away && c.Worker[0] == "b" && len(l["b"].jobs) == 2 {
				return gone
			}
			return nil
		}}, err
	}
	f, err := NewFleet(units(t, "a", "b"), 0, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Measure(t.Context()); !errors.Is(err, ErrFailed) {
		t.Errorf("the error is %v", err)
	}
	rec := f.Record()
	if rec.Status != record.Incomplete || f.Launched() != 8 {
		t.Errorf("%s, %d launches", rec.Status, f.Launched())
	}
	away = false
	again, err := ResumeFleet(rec, 0, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Measure(t.Context()); err != nil || again.Launched() != 12 || again.Record().Status != record.Complete {
		t.Errorf("%v, %d launches, %s", err, again.Launched(), again.Record().Status)
	}
}

// leaving is a machine whose worker may not be there any more.
type leaving struct {
	Launcher
	*lab
	gone func() error
}

func (l leaving) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	if err := l.gone(); err != nil {
		return nil, err
	}
	return l.Launcher.Run(ctx, job, onEvent)
}

// A record that cannot be saved ends the whole fleet.
func TestFleetThatIsNotSaved(t *testing.T) {
	l := newLabs("a", "b", "c")
	full := errors.New("no space left on device")
	o := l.options()
	saves := 0
	o.Save = func(*record.Record) error {
		if saves++; saves > 1 {
			return full
		}
		return nil
	}
	f, err := NewFleet(units(t, "a", "b", "c"), 0, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Measure(t.Context()); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

func TestFleetRefuses(t *testing.T) {
	l := newLabs("a", "b")
	two := units(t, "a", "b")
	for name, list := range map[string][]Unit{
		"no units":         nil,
		"one name":         {two[0], {Name: "a", List: two[1].List}},
		"no name":          {{List: two[0].List}},
		"a name too long":  {{Name: strings.Repeat("x", longestName+1), List: two[0].List}},
		"nothing to do":    {{Name: "a"}},
		"no configuration": {{Name: "a", List: []Configuration{{}}}},
	} {
		if _, err := NewFleet(list, 0, l.options()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	run, err := NewRun(two[0].List, l.options())
	if err != nil {
		t.Fatal(err)
	}
	for name, rec := range map[string]*record.Record{"nothing": nil, "of a run": run.Record(), "without runs": {Plan: record.Plan{Kind: record.KindFleet}}} {
		if _, err := ResumeFleet(rec, 0, l.options()); !errors.Is(err, ErrResume) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
