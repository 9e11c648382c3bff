package measure

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
	"epochtime/internal/atomicfile"
	"epochtime/internal/process"
)

// Parity is a comparison of a graph's first steps with Keras that it passed.
type Parity struct {
	MaxDifference float64   `json:"max_relative_difference"` // largest relative difference of a loss
	Tolerance     float64   `json:"tolerance"`
	Checked       time.Time `json:"checked"`
	TensorFlow    string    `json:"tensorflow"`
	Devices       []string  `json:"devices"` // types of all devices that TensorFlow sees; none where a GPU is asked for

	Placement *trace.Placement `json:"placement,omitempty"` // of a step; nil: it is not known
}

// CheckParity compares the losses of the graph's first steps with Keras's, in a
// launch of its own. Without recheck, it returns an earlier result for the same graph,
// worker, device, threads and environment, which it keeps in the user's cache folder.
// The errors are ErrParity if the losses differ or are not finite, ErrNothing, the cause
// of ctx's end, and those of the launch.
func CheckParity(ctx context.Context, w Launcher, g *graph.Manifest, c record.Config, recheck bool) (Parity, error) {
	if w == nil || g == nil {
		return Parity{}, ErrNothing
	}
	ctx, c = cmp.Or(ctx, context.Background()), unscripted(c) // a session's is resolved
	memory := parityMemory(w, g, c)
	var result Parity
	if kept, ok := recall(memory); ok && !recheck {
		return kept, nil
	}
	within, stop, _ := limited(ctx, c, 0)
	defer stop()
	out, err := w.Run(within, protocol.Job{Kind: protocol.Parity, Graph: absolute(g.Dir), SHA256: g.SHA256, Config: c}, nil)
	if err != nil {
		return result, err
	}
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	if out.Launch.Status != record.OK || out.Parity == nil || out.Hello == nil {
		return result, fmt.Errorf("parity check of %s: %w", g.Name, out.Err())
	}
	if err := nonfinite(g, out.Parity); err != nil {
		return result, err
	}
	if !(maxDifference(out.Parity.Want, kerasLosses(g, c)) <= g.Parity.Tolerance) {
		return result, fmt.Errorf("parity check of %s: %w: it was compared with losses that are not Keras's for this graph: see whether it read another graph", g.Name, launch.ErrProtocol)
	}
	result = Parity{
		MaxDifference: maxDifference(out.Parity.Got, out.Parity.Want),
		Tolerance:     g.Parity.Tolerance, Checked: time.Now(), TensorFlow: out.Hello.TensorFlow,
		Placement: out.Parity.Placement,
	}
	if !result.passed() {
		return result, mismatch(g, c, result, out.Parity)
	}
	for _, d := range out.Hello.Devices {
		if !slices.Contains(result.Devices, d.Type) {
			result.Devices = append(result.Devices, d.Type)
		}
	}
	if !out.Hello.Elsewhere { // which machine and program it was this time, the key does not tell
		remember(memory, result)
	}
	return result, nil
}

// compareWithKeras checks that every graph trains as Keras does. In a search there is
// one check per graph, and a graph that fails it is dropped, as is a level of a factor.
// Otherwise a failure is an error.
func (s *Session) compareWithKeras(ctx context.Context) error {
	defer s.o.Watcher.Idle()
	defer s.spent.run(&s.rec.Spent.Parity)()
	searching := s.rec.Plan.Kind == record.KindTune && s.first == 0
	type check struct {
		result Parity
		err    error
	}
	checked := map[string]check{} // by parityKey: feeding does not matter
	for i := s.first; i < len(s.rec.Runs); i++ {
		if s.rec.Runs[i].Side != "" && s.first == 0 && s.rec.Plan.Kind == record.KindTune {
			continue // of the confirmation, which is later
		}
		if !s.rec.Runs[i].Config.OfGraph() || s.kind() == record.KindProbe {
			continue // it is Keras, or its losses are compared with those of others
		}
		key := parityKey(s.configs[i].worker, s.configs[i].Graph, s.rec.Runs[i].Config)
		if searching {
			key = s.configs[i].Graph.SHA256
		}
		c, known := checked[key]
		if !known {
			c.result, c.err = s.check(ctx, i)
			checked[key] = c
		}
		switch {
		case c.err != nil && ctx.Err() == nil && (searching || s.varies(i)):
			s.drop(i, c.err)
		case s.o.each && errors.Is(c.err, ErrParity):
			s.o.Watcher.Notice(Failed, c.err.Error())
			s.drop(i, c.err)
			s.rec.Runs[i].Parity = nil
			continue
		case c.err != nil:
			return c.err
		}
		s.rec.Runs[i].Parity = &record.Parity{MaxRelativeDifference: c.result.MaxDifference, Tolerance: c.result.Tolerance, Checked: c.result.Checked}
		s.configs[i].compared = &c.result
	}
	return nil
}

// check compares one run's graph with Keras.
func (s *Session) check(ctx context.Context, run int) (Parity, error) {
	if err := s.inTime(ctx); err != nil {
		return Parity{}, err
	}
	with := s.configs[run]
	s.o.Watcher.Checking(with.Graph.Name)
	result, err := CheckParity(ctx, with.worker, with.Graph, s.rec.Runs[run].Config, s.o.Recheck)
	if err != nil {
		return Parity{}, err
	}
	if run == 0 {
		s.noticeFaster(result.Devices)
	}
	return result, nil
}

// drop records that a configuration cannot be timed, as a failed launch.
func (s *Session) drop(run int, why error) {
	if len(s.rec.Runs[run].Launches) > 0 { // recorded before the session was resumed
		return
	}
	s.keep(run, 0, &launch.Outcome{Setup: true, Launch: record.Launch{
		Status: record.Error, Reason: why.Error(), Setup: true, Started: s.rec.Started, Worker: workerArgv(s.configs[run].worker, s.rec.Runs[run].Config),
	}})
}

// noticeFaster notifies the watcher if TensorFlow sees a faster device than the one
// that is measured.
func (s *Session) noticeFaster(devices []string) {
	cpu := s.rec.Runs[0].Config.Device == "cpu"
	if i := slices.IndexFunc(devices, func(d string) bool { return d != "CPU" }); cpu && i >= 0 {
		s.o.Watcher.Notice(Notice, fmt.Sprintf("this TensorFlow also sees a %s; the cpu is measured", devices[i]))
	}
}

// kerasLosses returns Keras's losses on the graph's file of batches, and on the first
// batches of its own pipeline where these are the same in each pass.
func kerasLosses(g *graph.Manifest, c record.Config) []record.Number {
	losses := g.Parity.Losses
	if pipelined(g, c) {
		losses = slices.Concat(losses, g.Pipeline.Losses)
	}
	if c.LossAtEnd() {
		losses = append(slices.Clone(losses), g.Parity.Mean())
	}
	var out []record.Number
	for _, v := range losses {
		out = append(out, record.Number(v))
	}
	return out
}

// maxDifference returns the largest relative difference of two sequences. It is +Inf
// if their lengths differ, they are empty, or a value is not finite.
func maxDifference(got, want []record.Number) float64 {
	if len(got) != len(want) || len(got) == 0 {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range got {
		g, w := float64(got[i]), float64(want[i])
		d := math.Abs(g-w) / math.Max(math.Abs(w), 1e-12)
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		worst = max(worst, d)
	}
	return worst
}

// nonfinite returns an ErrParity that names the first loss which is not finite.
func nonfinite(g *graph.Manifest, l *protocol.Losses) error {
	for i := range l.Got {
		here, keras := float64(l.Got[i]), float64(l.Want[min(i, len(l.Want)-1)])
		if !math.IsNaN(here - here) { // neither NaN nor infinite
			continue
		}
		beside := fmt.Sprintf("Keras's is %.8g", keras)
		if math.IsNaN(keras - keras) {
			beside = "nor is Keras's"
		}
		return kindError{fmt.Errorf("%s: the loss is not finite at step %d of the comparison with Keras; %s: lower the model's learning rate, or mend its data", g.Name, i, beside), ErrParity}
	}
	return nil
}

// mismatch returns an ErrParity that lists both sequences.
func mismatch(g *graph.Manifest, c record.Config, r Parity, l *protocol.Losses) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not train as Keras does: the losses differ by %.2g, and %.0g is allowed\n", g.Name, r.MaxDifference, r.Tolerance)
	fmt.Fprintf(&b, "  step  %14s  %14s\n", "here", "Keras")
	for i := range max(len(l.Got), len(l.Want)) {
		got, want := "–", "–"
		if i < len(l.Got) {
			got = fmt.Sprintf("%.8g", float64(l.Got[i]))
		}
		if i < len(l.Want) {
			want = fmt.Sprintf("%.8g", float64(l.Want[i]))
		}
		step := strconv.Itoa(i)
		if c.LossAtEnd() && i == len(l.Want)-1 {
			step = "mean" // of an epoch whose loss is read at its end
		}
		fmt.Fprintf(&b, "  %4s  %14s  %14s\n", step, got, want)
	}
	b.WriteString("Export the graph again with this TensorFlow. If they still differ, this build computes something else.")
	return kindError{errors.New(b.String()), ErrParity}
}

// parityMemory returns the file that keeps a check's result, or "" if there is no
// cache folder.
func parityMemory(w Launcher, g *graph.Manifest, c record.Config) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "epochtime", "parity", parityKey(w, g, c)+".json")
}

// parityKey returns a key that is equal for checks with the same result.
func parityKey(w Launcher, g *graph.Manifest, c record.Config) string {
	argv := workerArgv(w, c)
	key := fmt.Sprintf("%#v", []any{
		g.SHA256, g.Parity, kerasLosses(g, c), argv, process.Stamp(argv[0]) + libraryStamp(w), c.Device, c.IntraOp, c.InterOp, c.Executor, c.Fetch, fmt.Sprint(c.Env), machine.Steering(os.Environ()),
	})
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// passed is false for a difference that is not a number.
func (p Parity) passed() bool { return p.MaxDifference >= 0 && p.MaxDifference <= p.Tolerance }

// recall returns a result that was kept, unless it is damaged.
func recall(path string) (kept Parity, ok bool) {
	text, err := os.ReadFile(path)
	ok = err == nil && json.Unmarshal(text, &kept) == nil && !kept.Checked.IsZero() && kept.passed()
	return kept, ok
}

// remember keeps a check's result. If that fails, the next session checks again.
func remember(path string, result Parity) {
	text, err := json.MarshalIndent(result, "", " ")
	if err != nil || path == "" || os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	_ = atomicfile.WriteFile(path, text)
}
