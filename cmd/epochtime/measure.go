package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// measurement carries out a plan of launches and keeps its record. The record is
// all that it knows of launches that are done, so that it can be gone on with.
type measurement struct {
	setups   []setup // one a run of the record
	plan     plan.Plan
	first    int // run of the record that is the plan's configuration 0; the others follow
	rec      *record.Record
	saver    *saver
	notices  io.Writer
	progress *progress
	reparity bool
	weights  []string // says, for each file of weights, where it is

	done []plan.Result // of the plan's configurations, as the record has them
}

// setup is what the launches of one run need, beside its configuration.
type setup struct {
	manifest *graph.Manifest
	worker   *launch.Worker
	label    string // names it where the graph's name does not
	weights  string // file for the trained weights; empty: none, or it is written
}

func newRecord(labels map[string]string, p record.Plan) *record.Record {
	return &record.Record{
		Schema: record.Schema, Epochtime: record.Program, ID: fmt.Sprintf("%016x", rand.Uint64()), Started: time.Now(), Argv: os.Args,
		Labels: labels, Status: record.Incomplete, Plan: p,
	}
}

// add makes one configuration of a graph part of the measurement.
func (m *measurement) add(with setup, c record.Config) {
	m.setups = append(m.setups, with)
	g := with.manifest
	m.rec.Runs = append(m.rec.Runs, record.Run{
		Graph: record.Graph{
			Name: g.Name, SHA256: g.SHA256, Architecture: g.Model.Architecture,
			Parameters: g.Model.Parameters, FlopsPerExample: g.Model.FlopsPerExample,
			Variant: map[string]any{
				"precision": g.Variant.Precision, "jit": g.Variant.JIT, "unroll": g.Variant.Unroll, "fused": g.Variant.Fused, "parts": max(1, g.Variant.Parts),
				"batch": g.Variant.Batch, "optimizer": g.Model.Optimizer.Name,
			},
		},
		Config: c,
	})
}

// follow makes a plan the one to carry out, over the runs from m.first on.
func (m *measurement) follow(p plan.Plan) {
	m.plan = p
	m.recount()
	m.progress = newProgress(m.notices, m)
}

// title names a run.
func (m *measurement) title(run int) string {
	return cmp.Or(m.setups[run].label, m.rec.Runs[run].Title())
}

// recount takes what is done of the plan's configurations from the record. A
// launch that was interrupted is not done: it comes again.
func (m *measurement) recount() {
	m.done = nil
	order := map[plan.Launch]int{}
	for i, run := range m.rec.Runs[m.first:] {
		for _, l := range run.Launches {
			if l.Status != record.Interrupted {
				r := m.result(i, l)
				order[r.Launch] = l.Order
				m.done = append(m.done, r)
			}
		}
	}
	slices.SortFunc(m.done, func(a, b plan.Result) int { return order[a.Launch] - order[b.Launch] })
}

// result is what a plan is told of a launch.
func (m *measurement) result(config int, l record.Launch) plan.Result {
	r := plan.Result{
		Launch: plan.Launch{Config: config, Block: l.Block}, Status: l.Status,
		Took: time.Duration(l.Wall * float64(time.Second)),
		Dead: l.Setup || l.Status == record.OOM && m.searches(),
	}
	if measured := stats.Measured(l); len(measured) > 0 {
		r.Seconds = stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds })
	}
	return r
}

// searches tells whether configurations are tried out, so that one that needs
// more memory than there is need not be tried again.
func (m *measurement) searches() bool {
	return m.rec.Plan.Kind == record.KindSweep || m.rec.Plan.Kind == record.KindTune
}

// excused tells whether a launch that failed so is a result like any other.
func (m *measurement) excused(status string) bool {
	switch m.rec.Plan.Kind {
	case record.KindSweep:
		return status == record.OOM
	case record.KindAB, record.KindTune: // the verdict is about what there is
		return true
	}
	return false
}

// launches carries out the plan. It saves after every launch. The error tells
// what stopped it, or that a launch failed.
func (m *measurement) launches(ctx context.Context) error {
	defer m.progress.clear()
	for {
		next, ok := m.plan.Next(m.done)
		if !ok {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		run := m.first + next.Config
		out, err := m.launch(ctx, next)
		if err != nil {
			return err
		}
		hopeless := out.Setup && m.rec.Plan.Kind == record.KindRun && !m.measured() // every other launch would fail so
		m.keep(run, next.Block, out)
		if err := m.saver.save(m.rec); err != nil {
			return err
		}
		switch {
		case out.Launch.Status == record.OK:
		case ctx.Err() != nil:
			return ctx.Err()
		case hopeless:
			return fmt.Errorf("%s: %w", m.title(run), outcomeError(out))
		default:
			m.tell(run, out)
		}
	}
	if m.failed() {
		return errFailed
	}
	return nil
}

// complete marks the record as whole and saves it.
func (m *measurement) complete() error {
	m.rec.Status = record.Complete
	return m.saver.save(m.rec)
}

// failed tells whether a launch failed that should not have.
func (m *measurement) failed() bool {
	return slices.ContainsFunc(m.rec.Runs, func(r record.Run) bool {
		return slices.ContainsFunc(r.Launches, func(l record.Launch) bool {
			return l.Status != record.OK && l.Status != record.Interrupted && !m.excused(l.Status)
		})
	})
}

func (m *measurement) launch(ctx context.Context, next plan.Launch) (*launch.Outcome, error) {
	run := m.first + next.Config
	with := m.setups[run]
	job := protocol.Job{
		Kind: protocol.Train, Graph: absolute(with.manifest.Dir),
		SHA256: with.manifest.SHA256, Config: m.rec.Runs[run].Config, SaveWeights: with.weights,
	}
	m.progress.launch(next)
	out, err := with.worker.Run(ctx, job, func(e protocol.Event) {
		m.progress.event(e)
		if e.Event == protocol.EventWeights && e.Weights != nil {
			m.saved(run, e.Weights)
		}
	})
	if err != nil {
		return nil, startError(err)
	}
	m.progress.launched()
	return out, nil
}

// tell says that a launch failed, once for each run and reason.
func (m *measurement) tell(run int, out *launch.Outcome) {
	launches := m.rec.Runs[run].Launches
	for _, earlier := range launches[:len(launches)-1] {
		if earlier.Status == out.Launch.Status && earlier.Reason == out.Launch.Reason {
			return
		}
	}
	if m.searches() && out.Launch.Status == record.OOM { // the table has it
		return
	}
	m.progress.clear()
	which := fmt.Sprintf("launch %d", len(launches))
	if m.rec.Plan.Blocks > 0 {
		which += fmt.Sprintf(" of %d", m.rec.Plan.Blocks)
	}
	fmt.Fprintf(m.notices, "epochtime: %s, %s failed: %v\n", m.title(run), which, outcomeError(out))
}

// keep puts a launch into the record, and brings the summary up to date.
func (m *measurement) keep(index, block int, out *launch.Outcome) {
	l := out.Launch
	l.Order, l.Block = m.launched(), block
	if out.Hello != nil {
		l.Machine = m.machine(out.Hello.Machine)
	}
	run := &m.rec.Runs[index]
	run.Launches = append(run.Launches, l)
	run.Summary, run.Warnings = stats.Summarize(run)
	if l.Status != record.Interrupted {
		m.done = append(m.done, m.result(index-m.first, l))
	}
}

// launched counts all launches of the record.
func (m *measurement) launched() int {
	n := 0
	for _, r := range m.rec.Runs {
		n += len(r.Launches)
	}
	return n
}

// machine returns the index of a machine in the record.
func (m *measurement) machine(found record.Machine) int {
	// After a restart, the same machine may run another kernel.
	same := func(have record.Machine) bool { return have.Same(found) && have.Kernel == found.Kernel }
	if i := slices.IndexFunc(m.rec.Machines, same); i >= 0 {
		return i
	}
	m.rec.Machines = append(m.rec.Machines, found)
	return len(m.rec.Machines) - 1
}

// measured tells whether any epoch was measured.
func (m *measurement) measured() bool {
	return slices.ContainsFunc(m.rec.Runs, func(r record.Run) bool {
		return slices.ContainsFunc(r.Launches, func(l record.Launch) bool { return len(stats.Measured(l)) > 0 })
	})
}

// startError adds what to do about a worker that cannot be started.
func startError(err error) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: it may not be executed: chmod +x it, or name another --worker", err)
	case errors.Is(err, launch.ErrStart):
		return fmt.Errorf("%w: build it with 'make build', or name it with --worker", err)
	}
	return err
}

// outcomeError is the error of a launch that did not go well.
func outcomeError(out *launch.Outcome) error {
	err := errors.New(out.Launch.Reason)
	if out.Launch.Status == record.OK {
		err = errors.New("the worker did not answer what it was asked")
	}
	if out.Failure == nil && out.Stderr != "" {
		return fmt.Errorf("%w\nThe worker's last words:\n%s", err, lastLines(out.Stderr, 15))
	}
	return err
}

// maxDifference is the largest relative difference of two sequences; +Inf where
// their lengths differ or one value is not finite.
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
