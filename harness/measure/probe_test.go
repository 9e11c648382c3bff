package measure

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// probing is a lab whose nth probe finds a peak of n.
func probing() *lab {
	l := newLab()
	l.fail = func(n int, job protocol.Job) *launch.Outcome {
		out := failing(record.OK, "")
		out.Failure = nil
		out.Launch.TensorFlow, out.Launch.Resolved = "2.21.0", record.Resolved{Device: job.Config.Device, IntraOp: 2}
		out.Launch.Rates = []record.Rate{{Name: "matmul-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: float64(n + 1)}}}
		return out
	}
	return l
}

func TestProbe(t *testing.T) {
	l := probing()
	o := l.options()
	o.Launches = 7
	c := setting.Defaults()
	c.IntraOp = 2
	s, err := NewProbe(c, o)
	measured(t, s, err)
	r := s.Record()
	if r.Plan.Kind != record.KindProbe || len(r.Limits) != 1 || r.Limits[0].Probed != r.ID || r.Limits[0].Threads != 2 {
		t.Fatalf("%+v", r.Limits)
	}
	if v := r.Limits[0].Rates[0].Value; v.Median != 4 || !v.Known() {
		t.Errorf("the peak is %+v, want the median of seven launches", v)
	}
	if got := strings.Join(r.Runs[0].Command, " "); got != "probe --intra-op=2" {
		t.Errorf("the command is %q", got)
	}
	if err := s.CheckResults(0); err != nil || !s.Measured() {
		t.Errorf("measured: %v, %v", s.Measured(), err)
	}
	for _, job := range l.jobs {
		if job.Kind != protocol.Probe || job.Graph != "" || job.Config.IntraOp != 2 || job.Config.Batch != 0 {
			t.Errorf("the job is %+v", job)
		}
	}
	if len(l.parity) > 0 {
		t.Errorf("%v were compared with Keras", l.parity)
	}
}

// A probe whose setup fails ends at once, and its error is the reason.
func TestProbeFails(t *testing.T) {
	l := newLab()
	l.fail = func(int, protocol.Job) *launch.Outcome {
		out := failing(record.Error, "no such device here")
		out.Setup = true
		return out
	}
	o := l.options()
	o.Launches = 6
	s, err := NewProbe(setting.Defaults(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(t.Context()); err == nil || !strings.Contains(err.Error(), "no such device here") || len(l.order) != 1 {
		t.Errorf("after %d launches: %v", len(l.order), err)
	}
	if err := s.CheckResults(0); !errors.Is(err, ErrNoResult) {
		t.Errorf("its result: %v", err)
	}
	if _, err := NewProbe(record.Config{Device: "abacus"}, o); !errors.As(err, new(*setting.Error)) {
		t.Errorf("an unknown device: %v", err)
	}
}

// An interrupted probe goes on where it was.
func TestProbeResumes(t *testing.T) {
	l := probing()
	o := l.options()
	o.Launches = 3
	s, err := NewProbe(setting.Defaults(), o)
	measured(t, s, err)
	r := s.Record()
	r.Status, r.Runs[0].Launches = record.Incomplete, r.Runs[0].Launches[:1]
	again, err := Resume(r, l.options())
	measured(t, again, err)
	if n := len(r.Runs[0].Launches); n != 3 {
		t.Errorf("%d launches", n)
	}
}

// A measurement has the limits of its machine in its record, asked for once, and each
// run's roofline.
func TestLimitsAreLookedUp(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	o := newLab().options()
	o.Launches = 6
	var asked []record.Limits
	o.Limits = func(m record.Machine, of record.Limits) *record.Limits {
		asked = append(asked, of)
		return &record.Limits{
			Machine: 5, Probed: "0decade0", TensorFlow: of.TensorFlow, Device: of.Device, Threads: of.Threads,
			Rates: []record.Rate{{Name: "matmul-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: 1e11}}},
		}
	}
	s, err := NewRun([]Configuration{configured(t, cnn)}, o)
	measured(t, s, err)
	r := s.Record()
	if len(asked) != 1 || len(r.Limits) != 1 || r.Limits[0].Probed != "0decade0" || r.Limits[0].Machine != 0 {
		t.Errorf("asked for %+v, and the record has %+v", asked, r.Limits)
	}
	// 1,000 examples of 1.24 million operations in 0.25 s
	if roof := r.Runs[0].Roofline; roof == nil || roof.Achieved.Median != 4.96e9 || roof.Utilized.Median != 0.0496 {
		t.Errorf("the roofline is %+v", roof)
	}
	o.Limits = func(record.Machine, record.Limits) *record.Limits { return nil }
	s, err = NewRun([]Configuration{configured(t, cnn)}, o)
	measured(t, s, err)
	if r := s.Record(); len(r.Limits) > 0 || r.Runs[0].Roofline != nil {
		t.Errorf("nothing was probed, and the record has %+v", r.Limits)
	}
}

// roomFor is a lab in which batches up to one train.
func roomFor(batch int) *lab {
	l := newLab()
	l.fail = func(_ int, job protocol.Job) *launch.Outcome {
		if job.Config.Batch > batch {
			return failing(record.OOM, "no memory")
		}
		return nil
	}
	return l
}

// fromBatch is a graph whose search begins with a batch.
func fromBatch(batch int, g *graph.Manifest) Configuration {
	c := Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Batch = batch
	return c
}

// batches are those of a record's runs, in the order in which they were tried.
func batches(r *record.Record) []int {
	var out []int
	for _, run := range r.Runs {
		out = append(out, run.Config.Batch)
	}
	return out
}

func TestLargest(t *testing.T) {
	l := roomFor(100)
	o := l.options()
	o.Recheck = true
	s, err := NewLargest(fromBatch(32, makeGraph(t, "cnn")), o)
	measured(t, s, err)
	r := s.Record()
	if got := batches(r); !slices.Equal(got, []int{32, 64, 128, 96, 112, 104, 100}) {
		t.Errorf("it tried %v", got)
	}
	for _, job := range l.jobs {
		if c := job.Config; c.Samples != 2*c.Batch || c.Epochs != 1 || c.Warmup != 0 || c.MemoryLimit == 0 {
			t.Errorf("a launch of %+v", c)
		}
	}
	if s.Failed() || s.CheckLargest() != nil || len(l.parity) != 1 || r.Runs[3].Parity == nil {
		t.Errorf("failed: %v, %v; compared with Keras: %v", s.Failed(), s.CheckLargest(), l.parity)
	}
}

// The search is bounded by the examples that there are.
func TestLargestOfFewExamples(t *testing.T) {
	c := fromBatch(32, makeGraph(t, "cnn"))
	c.Config.Samples = 100
	s, err := NewLargest(c, roomFor(1000).options())
	measured(t, s, err)
	if got := batches(s.Record()); !slices.Equal(got, []int{32, 64, 100}) {
		t.Errorf("it tried %v", got)
	}
	if last := s.Record().Runs[2].Config; last.Samples != 100 {
		t.Errorf("of %d examples", last.Samples)
	}
	c.Config.Samples, c.Config.Data = 0, []string{"many.npz"}
	if _, err := NewLargest(c, Options{}); !errors.As(err, new(*setting.Error)) {
		t.Errorf("data whose number is not known: %v", err)
	}
}

func TestNoBatchTrains(t *testing.T) {
	s, err := NewLargest(fromBatch(4, makeGraph(t, "cnn")), roomFor(0).options())
	measured(t, s, err)
	if got := batches(s.Record()); !slices.Equal(got, []int{4, 2, 1}) {
		t.Errorf("it tried %v", got)
	}
	if err := s.CheckLargest(); !errors.Is(err, ErrNoResult) || !strings.Contains(err.Error(), "cnn does not train here, at batch 1 and larger: no memory") {
		t.Errorf("the error is %v", err)
	}
}

// A launch that fails in another way ends the search, as an error.
func TestLargestFails(t *testing.T) {
	l := newLab()
	l.fail = func(n int, _ protocol.Job) *launch.Outcome {
		if n == 1 {
			return failing(record.Killed, "killed")
		}
		return nil
	}
	s, err := NewLargest(fromBatch(32, makeGraph(t, "cnn")), l.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(t.Context()); !errors.Is(err, ErrFailed) || len(l.order) != 2 {
		t.Errorf("after %v: %v", l.order, err)
	}
}

// A search that was interrupted goes on with what it knows.
func TestLargestResumes(t *testing.T) {
	l := roomFor(100)
	s, err := NewLargest(fromBatch(32, makeGraph(t, "cnn")), l.options())
	measured(t, s, err)
	r := s.Record()
	r.Status, r.Runs = record.Incomplete, r.Runs[:4]
	r.Runs[3].Launches[0].Status = record.Interrupted
	again, err := Resume(r, l.options())
	measured(t, again, err)
	if got := batches(r); !slices.Equal(got, []int{32, 64, 128, 96, 112, 104, 100}) || len(r.Runs[3].Launches) != 2 {
		t.Errorf("it tried %v, the fourth %d times", got, len(r.Runs[3].Launches))
	}
}

// A graph that trains one batch alone is refused before anything is launched.
func TestLargestOfOneBatch(t *testing.T) {
	fixed, script := makeGraph(t, "fixed"), makeGraph(t, "script")
	fixed.Variant.Batch = new(32)
	script.Pipeline = &graph.Pipeline{}
	if _, err := NewLargest(fromBatch(32, fixed), newLab().options()); !errors.Is(err, graph.ErrFixedBatch) {
		t.Errorf("a fixed batch: %v", err)
	}
	if _, err := NewLargest(fromBatch(32, script), newLab().options()); err == nil || !strings.Contains(err.Error(), "batch: script is fed by its script's own pipeline") {
		t.Errorf("a script's own pipeline: %v", err)
	}
	if _, err := NewLargest(Configuration{}, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("no graph: %v", err)
	}
}
