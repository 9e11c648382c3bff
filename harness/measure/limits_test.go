package measure

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// The limit of a launch is the timeout that is set, or follows from the launches of its
// configuration that worked.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		timeout float64
		longest time.Duration
		want    time.Duration
		says    string
	}{
		"set":               {90, time.Hour, 90 * time.Second, "not done after 1m30s, the timeout that was set: "},
		"a first launch":    {0, 0, firstLimit, "not done after 1h0m0s, the time limit of a first launch: "},
		"after short ones":  {0, time.Second, shortestLimit, "not done after 1m0s, and the longest of its launches took 1s: "},
		"after a long one":  {0, time.Minute, 10 * time.Minute, "not done after 10m0s, and the longest of its launches took 1m0s: "},
		"after hours of it": {0, time.Hour, 10 * time.Hour, "not done after 10h0m0s, "},
	} {
		ctx, stop, got := limited(t.Context(), record.Config{Timeout: c.timeout}, c.longest)
		defer stop()
		ends, ok := ctx.Deadline()
		if left := time.Until(ends); !ok || got != c.want || left > c.want || left < c.want-time.Minute {
			t.Errorf("%s: %v, and %v are left; want %v", name, got, left, c.want)
		}
	}
	ctx, stop, _ := limited(t.Context(), record.Config{Timeout: 1e-9}, 0)
	defer stop()
	<-ctx.Done()
	var end *launch.Ending
	if !errors.As(context.Cause(ctx), &end) || end.Status != record.Timeout || !strings.HasPrefix(end.Reason, "not done after 0s, the timeout that was set: ") {
		t.Errorf("it ends by %v", context.Cause(ctx))
	}
}

// Each launch keeps the limit that it had.
func TestLimitIsKept(t *testing.T) {
	l := newLab()
	l.seconds = func(record.Config, string) float64 { return 10 } // of three epochs
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, l.options())
	launches := measured(t, s, err).Runs[0].Launches
	if launches[0].Limit != firstLimit.Seconds() || launches[1].Limit != 300 {
		t.Errorf("limits of %g and %g s", launches[0].Limit, launches[1].Limit)
	}
}

// cutShort has the lab's launches from the nth on last until they are stopped.
func (l *lab) cutShort(from int, onStop func()) {
	l.fail = func(n int, _ protocol.Job) *launch.Outcome {
		if n < from {
			return nil
		}
		onStop()
		return failing(record.Interrupted, "the time limit of 10s was reached")
	}
}

// When the time is up in the middle of a launch, the record is complete with what was
// measured, and is not gone on with.
func TestTimeIsUp(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	sides := []Configuration{configured(t, cnn), configured(t, cnn, "batch=8")}
	for _, c := range []struct {
		name  string
		begin func(Options) (*Session, error)
		works int // launches before the one that is cut
		want  error
	}{
		{"run", func(o Options) (*Session, error) { return NewRun(sides[:1], o) }, 2, nil},
		{"run, nothing measured", func(o Options) (*Session, error) { return NewRun(sides[:1], o) }, 0, ErrNoResult},
		{"ab", func(o Options) (*Session, error) { return NewAB(sides[0], sides[1], o) }, 1, nil},
		{"sweep", func(o Options) (*Session, error) { return NewSweep(sides, o) }, 1, nil},
		{"tune", func(o Options) (*Session, error) { return NewTune(sides, o) }, 1, nil},
	} {
		l := newLab()
		l.seconds = func(record.Config, string) float64 { return 0.5 }
		l.cutShort(c.works, func() { l.clock.at = l.clock.at.Add(time.Minute) })
		var saved *record.Record
		var notices []string
		o := l.options()
		o.Launches, o.MaxTime = 5, 10*time.Second
		o.Save = func(r *record.Record) error { saved = reread(t, r); return nil }
		o.Watcher = &listener{notice: func(_ NoticeKind, text string) { notices = append(notices, text) }}
		s, err := c.begin(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if saved == nil || saved.Status != record.Complete || len(l.order) != c.works+1 {
			t.Fatalf("%s: %d launches, saved %+v", c.name, len(l.order), saved)
		}
		if up := slices.ContainsFunc(notices, func(n string) bool { return strings.HasPrefix(n, "the time limit of 10s was reached; ") }); up != (c.want == nil) {
			t.Errorf("%s: notices %q", c.name, notices)
		}
		if _, err := Resume(saved, o); !errors.Is(err, ErrComplete) {
			t.Errorf("%s: it is resumed with %v", c.name, err)
		}
	}
}

// The check against Keras is within the time, and leaves less of it for launches.
func TestTimeOfParity(t *testing.T) {
	for _, c := range []struct {
		takes time.Duration
		want  int // launches of 1.5 s
	}{{0, 6}, {4 * time.Second, 4}, {10 * time.Second, 0}} {
		l := newLab()
		l.seconds = func(record.Config, string) float64 { return 0.5 }
		o := l.options()
		o.Launches, o.MaxTime, o.Recheck = 20, 10*time.Second, true
		o.Workers = func(record.Config) (Launcher, error) { return slowParity{l, c.takes}, nil }
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); (err == nil) != (c.want > 0) || err != nil && !errors.Is(err, ErrNoResult) {
			t.Errorf("after %v: %v", c.takes, err)
		}
		if len(l.order) != c.want {
			t.Errorf("after %v: %d launches, want %d", c.takes, len(l.order), c.want)
		}
	}
}

// slowParity is a lab in which comparisons with Keras take time.
type slowParity struct {
	*lab
	takes time.Duration
}

func (p slowParity) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	if job.Kind == protocol.Parity {
		p.clock.at = p.clock.at.Add(p.takes)
	}
	return p.lab.Run(ctx, job, onEvent)
}

// A resumed session has what is left of the record's time.
func TestTimeOfResumed(t *testing.T) {
	l := newLab()
	l.seconds = func(record.Config, string) float64 { return 1 } // a launch takes 3 s
	ctx, cancel := context.WithCancel(t.Context())
	l.cutShort(2, cancel)
	o := l.options()
	o.Launches, o.MaxTime = 20, 10*time.Second
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	l.fail = nil
	rest, err := Resume(reread(t, s.Record()), o)
	if rec := measured(t, rest, err); rec.Runs[0].Summary.Launches != 3 { // 9 of the 10 s, and no block begins that would end later
		t.Errorf("%d launches in 10 s", rec.Runs[0].Summary.Launches)
	}
	if left := rest.deadline.Sub(l.clock.at); left < -time.Minute || left > time.Second {
		t.Errorf("%v are left", left)
	}
}

// A loss that is not finite is named as such, not as a difference from Keras.
func TestNonfiniteParity(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		l := newLab()
		l.losses = []record.Number{3, record.Number(bad), 1}
		o := l.options()
		o.Recheck = true
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Measure(t.Context())
		if want := "cnn: the loss is not finite at step 1 of the comparison with Keras; Keras's is 2: "; !errors.Is(err, ErrParity) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What a launch reports that no record can hold is a failed launch, and what is saved
// can be read.
func TestSavedCanBeRead(t *testing.T) {
	for name, change := range map[string]func(*record.Launch){
		"a negative time": func(l *record.Launch) { l.Cold.Load = -1 },
		"no status":       func(l *record.Launch) { l.Status = "fine" },
		"infinite steal":  func(l *record.Launch) { l.Disturbance.Steal = math.Inf(1) },
		"negative steps":  func(l *record.Launch) { l.Epochs = []record.Epoch{{Steps: -1}} },
	} {
		l := newLab()
		l.fail = func(n int, _ protocol.Job) *launch.Outcome {
			if n != 1 {
				return nil
			}
			out := failing(record.OK, "")
			change(&out.Launch)
			return out
		}
		o := l.options()
		o.Launches = 3
		o.Save = func(r *record.Record) error { reread(t, r); return nil }
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("%s: %v", name, err)
		}
		if bad := s.Record().Runs[0].Launches[1]; bad.Status != record.Error || !strings.HasPrefix(bad.Reason, "the launch reported what cannot be: ") {
			t.Errorf("%s: %+v", name, bad)
		}
	}
}
